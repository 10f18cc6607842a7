package io.nereid.backend.dali.pipeline;

import io.nereid.backend.dali.arithmetic.ArithmeticOperator;
import io.nereid.backend.dali.image.ImageDecoder;
import io.nereid.backend.dali.operator.Operator;
import io.nereid.backend.dali.operator.OperatorFactory;
import io.nereid.backend.dali.operator.OperatorSpec;
import io.nereid.backend.dali.operator.SampleOperator;
import io.nereid.backend.dali.shape.CastOperator;
import io.nereid.backend.dali.shape.ConstantOperator;
import io.nereid.backend.dali.shape.DimCheckOperator;
import io.nereid.backend.dali.shape.ExpandDimsOperator;
import io.nereid.backend.dali.shape.FullOperator;
import io.nereid.backend.dali.shape.JoinOperator;
import io.nereid.backend.dali.shape.PadOperator;
import io.nereid.backend.dali.shape.ReshapeOperator;
import io.nereid.backend.dali.shape.ShapesOperator;
import io.nereid.backend.dali.shape.SliceOperator;
import io.nereid.backend.dali.shape.SqueezeOperator;
import io.nereid.backend.dali.shape.SubscriptOperator;
import io.nereid.backend.dali.shape.TransposeOperator;
import io.nereid.backend.dali.tensor.DaliException;
import io.nereid.backend.dali.vision.CropMirrorNormalizeOperator;
import io.nereid.backend.dali.vision.CropOperator;
import io.nereid.backend.dali.vision.DecodeImageOperator;
import io.nereid.backend.dali.vision.FlipOperator;
import io.nereid.backend.dali.vision.PeekImageShapeOperator;
import io.nereid.backend.dali.vision.ResizeOperator;
import java.util.HashMap;
import java.util.Map;

/**
 * Every operator that can be executed, by its schema name. A leading underscore, which releases
 * since 2.0 write before some names, makes no difference (DALI section 2.5).
 */
public final class OperatorRegistry {
    private static final int ANY_NUMBER = 999;

    private record Entry(int minInputs, int maxInputs, OperatorFactory factory) {}

    private final Map<String, Entry> entries = new HashMap<>();

    /**
     * @param decoder used by all operators that decode pictures
     */
    public OperatorRegistry(ImageDecoder decoder) {
        registerDecoders(decoder);
        registerVision();
        registerShape();
        registerArithmetic();
    }

    private void registerDecoders(ImageDecoder decoder) {
        OperatorFactory plain = spec -> DecodeImageOperator.plain(spec, decoder);
        one("decoders__Image", plain);
        one("ImageDecoder", plain);
        one(
                "experimental__decoders__Image",
                spec -> DecodeImageOperator.experimental(spec, decoder));
        one("PeekImageShape", spec -> new PeekImageShapeOperator(spec, decoder, false));
        one(
                "experimental__PeekImageShape",
                spec -> new PeekImageShapeOperator(spec, decoder, true));
    }

    private void registerVision() {
        one("Resize", ResizeOperator::new);
        one("Crop", CropOperator::new);
        one("CropMirrorNormalize", CropMirrorNormalizeOperator::new);
        one("Flip", FlipOperator::new);
    }

    private void registerShape() {
        one("Cast", CastOperator::cast);
        register("CastLike", 2, 2, CastOperator::castLike);
        register("Reshape", 1, 2, ReshapeOperator::reshape);
        register("Reinterpret", 1, 2, ReshapeOperator::reinterpret);
        one("Squeeze", SqueezeOperator::new);
        one("ExpandDims", ExpandDimsOperator::new);
        one("Transpose", TransposeOperator::new);
        one("Shapes", ShapesOperator::new);
        one("Shape", ShapesOperator::new);
        register("Constant", 0, 0, ConstantOperator::new);
        register("Cat", 1, ANY_NUMBER, JoinOperator::cat);
        register("Stack", 1, ANY_NUMBER, JoinOperator::stack);
        register("Slice", 1, 3, SliceOperator::new);
        one("Pad", PadOperator::new);
        one("TensorSubscript", SubscriptOperator::new);
        one("SubscriptDimCheck", DimCheckOperator::new);
        one("Copy", OperatorRegistry::identity);
        one("MakeContiguous", OperatorRegistry::identity);
        register("Zeros", 0, 0, spec -> FullOperator.zeros(spec, false));
        register("Ones", 0, 0, spec -> FullOperator.ones(spec, false));
        register("Full", 0, 1, spec -> FullOperator.full(spec, false));
        one("ZerosLike", spec -> FullOperator.zeros(spec, true));
        one("OnesLike", spec -> FullOperator.ones(spec, true));
        register("FullLike", 1, 2, spec -> FullOperator.full(spec, true));
    }

    private void registerArithmetic() {
        register("ArithmeticGenericOp", 0, ANY_NUMBER, ArithmeticOperator::new);
    }

    private void one(String schema, OperatorFactory factory) {
        register(schema, 1, 1, factory);
    }

    private void register(String schema, int minInputs, int maxInputs, OperatorFactory factory) {
        if (entries.put(schema, new Entry(minInputs, maxInputs, factory)) != null) {
            throw new IllegalStateException("operator " + schema + " registered twice");
        }
    }

    private static Operator identity(OperatorSpec spec) {
        return (SampleOperator) call -> call.inputs();
    }

    /**
     * Compiles an operator.
     *
     * @throws DaliException if there is no such operator or its inputs or arguments are wrong
     */
    public Operator compile(OperatorSpec spec) {
        String schema = spec.schema();
        Entry entry = entries.get(schema.startsWith("_") ? schema.substring(1) : schema);
        if (entry == null) {
            throw new DaliException("Schema for operator '" + schema + "' not registered");
        }
        int inputs = spec.inputCount();
        if (inputs < entry.minInputs() || inputs > entry.maxInputs()) {
            throw new DaliException(
                    "Operator "
                            + schema
                            + " expects "
                            + (entry.minInputs() == entry.maxInputs()
                                    ? Integer.toString(entry.minInputs())
                                    : entry.minInputs() + " to " + entry.maxInputs())
                            + " inputs, got "
                            + inputs);
        }
        return entry.factory().compile(spec);
    }
}
