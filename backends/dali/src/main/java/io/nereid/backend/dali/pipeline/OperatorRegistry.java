package io.nereid.backend.dali.pipeline;

import io.nereid.backend.dali.arithmetic.ArithmeticOperator;
import io.nereid.backend.dali.arithmetic.NormalizeOperator;
import io.nereid.backend.dali.arithmetic.ReductionOperator;
import io.nereid.backend.dali.audio.MelFilterBankOperator;
import io.nereid.backend.dali.audio.PreemphasisOperator;
import io.nereid.backend.dali.audio.SpectrogramOperator;
import io.nereid.backend.dali.audio.ToDecibelsOperator;
import io.nereid.backend.dali.image.ImageDecoder;
import io.nereid.backend.dali.operator.Chain;
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
import io.nereid.backend.dali.vision.BrightnessContrastOperator;
import io.nereid.backend.dali.vision.ColorSpaceOperator;
import io.nereid.backend.dali.vision.ColorTwistOperator;
import io.nereid.backend.dali.vision.CropMirrorNormalizeOperator;
import io.nereid.backend.dali.vision.CropOperator;
import io.nereid.backend.dali.vision.DecodeImageOperator;
import io.nereid.backend.dali.vision.FlipOperator;
import io.nereid.backend.dali.vision.GaussianBlurOperator;
import io.nereid.backend.dali.vision.MirrorOperator;
import io.nereid.backend.dali.vision.PeekImageShapeOperator;
import io.nereid.backend.dali.vision.ResizeOperator;
import io.nereid.backend.dali.vision.RotateOperator;
import io.nereid.backend.dali.vision.WarpAffineOperator;
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
        registerAudio();
    }

    private void registerDecoders(ImageDecoder decoder) {
        OperatorFactory plain = spec -> DecodeImageOperator.plain(spec, decoder);
        OperatorFactory crop =
                spec -> new Chain(DecodeImageOperator.plain(spec, decoder), new CropOperator(spec));
        OperatorFactory slice =
                spec ->
                        new Chain(
                                DecodeImageOperator.plain(spec, decoder), new SliceOperator(spec));
        one("decoders__Image", plain);
        one("ImageDecoder", plain);
        one("decoders__ImageCrop", crop);
        one("ImageDecoderCrop", crop);
        register("decoders__ImageSlice", 1, 3, slice);
        register("ImageDecoderSlice", 1, 3, slice);
        one(
                "experimental__decoders__Image",
                spec -> DecodeImageOperator.experimental(spec, decoder));
        one(
                "experimental__decoders__ImageCrop",
                spec ->
                        new Chain(
                                DecodeImageOperator.experimental(spec, decoder),
                                new CropOperator(spec)));
        register(
                "experimental__decoders__ImageSlice",
                1,
                3,
                spec ->
                        new Chain(
                                DecodeImageOperator.experimental(spec, decoder),
                                new SliceOperator(spec)));
        one("PeekImageShape", spec -> new PeekImageShapeOperator(spec, decoder, false));
        one(
                "experimental__PeekImageShape",
                spec -> new PeekImageShapeOperator(spec, decoder, true));
    }

    private void registerVision() {
        OperatorFactory resizeCropMirror =
                spec ->
                        new Chain(
                                new ResizeOperator(spec),
                                new CropOperator(spec),
                                new MirrorOperator(spec));
        one("Resize", ResizeOperator::new);
        one("ResizeCropMirror", resizeCropMirror);
        one("FastResizeCropMirror", resizeCropMirror);
        one("Crop", CropOperator::new);
        one("CropMirrorNormalize", CropMirrorNormalizeOperator::new);
        one("Flip", FlipOperator::new);
        register("WarpAffine", 1, 2, WarpAffineOperator::new);
        one("Rotate", RotateOperator::new);
        one("GaussianBlur", GaussianBlurOperator::new);
        one("ColorSpaceConversion", ColorSpaceOperator::new);
        one("BrightnessContrast", BrightnessContrastOperator::new);
        one("Brightness", BrightnessContrastOperator::new);
        one("Contrast", BrightnessContrastOperator::new);
        one("Hsv", ColorTwistOperator::hsv);
        one("Hue", ColorTwistOperator::twist);
        one("Saturation", ColorTwistOperator::twist);
        one("ColorTwist", ColorTwistOperator::twist);
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
        one("Normalize", NormalizeOperator::new);
        reduction("Min", 1, ReductionOperator.Kind.MIN);
        reduction("Max", 1, ReductionOperator.Kind.MAX);
        reduction("Sum", 1, ReductionOperator.Kind.SUM);
        reduction("Mean", 1, ReductionOperator.Kind.MEAN);
        reduction("MeanSquare", 1, ReductionOperator.Kind.MEAN_SQUARE);
        reduction("RMS", 1, ReductionOperator.Kind.RMS);
        reduction("Variance", 2, ReductionOperator.Kind.VARIANCE);
        reduction("StdDev", 2, ReductionOperator.Kind.STD_DEV);
    }

    private void registerAudio() {
        one("PreemphasisFilter", PreemphasisOperator::new);
        one("Spectrogram", SpectrogramOperator::new);
        one("MelFilterBank", MelFilterBankOperator::new);
        one("ToDecibels", ToDecibelsOperator::new);
    }

    private void reduction(String name, int inputs, ReductionOperator.Kind kind) {
        register("reductions__" + name, inputs, inputs, spec -> new ReductionOperator(spec, kind));
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
