package io.nereid.backend.dali.vision;

import io.nereid.backend.dali.image.ColorModel;
import io.nereid.backend.dali.image.ImageDecoder;
import io.nereid.backend.dali.image.Orientation;
import io.nereid.backend.dali.operator.Call;
import io.nereid.backend.dali.operator.OperatorSpec;
import io.nereid.backend.dali.operator.SampleOperator;
import io.nereid.backend.dali.tensor.DaliException;
import io.nereid.backend.dali.tensor.ElementType;
import io.nereid.backend.dali.tensor.Elements;
import io.nereid.backend.dali.tensor.Sample;
import java.util.List;

/**
 * {@code decoders.image}, and {@code experimental.decoders.image}, which turns pictures upright and
 * knows other types than UINT8 (DALI section 6).
 */
public final class DecodeImageOperator implements SampleOperator {
    private final ImageDecoder decoder;
    private final ColorModel colors;
    private final boolean upright;
    private final ElementType type;

    private DecodeImageOperator(
            OperatorSpec spec, ImageDecoder decoder, boolean upright, ElementType type) {
        this.decoder = decoder;
        this.colors = ColorModel.ofId(spec.integer("output_type", 0));
        this.upright = upright;
        this.type = type;
    }

    /** {@code decoders.image}. */
    public static DecodeImageOperator plain(OperatorSpec spec, ImageDecoder decoder) {
        return new DecodeImageOperator(spec, decoder, false, ElementType.UINT8);
    }

    /** {@code experimental.decoders.image}. */
    public static DecodeImageOperator experimental(OperatorSpec spec, ImageDecoder decoder) {
        return new DecodeImageOperator(
                spec,
                decoder,
                spec.flag("adjust_orientation", true),
                spec.type("dtype").orElse(ElementType.UINT8));
    }

    @Override
    public List<Sample> run(Call call) {
        byte[] data = encoded(call.input());
        try {
            Sample image =
                    decoder.decode(
                            data, colors, type != ElementType.UINT8 && type != ElementType.INT8);
            if (upright) {
                image = Orientation.apply(image, decoder.peek(data).orientation());
            }
            return List.of(scaled(image, type));
        } catch (DaliException e) {
            throw new DaliException(e.text() + ". File: ", e);
        }
    }

    /** Bytes of an encoded picture. */
    static byte[] encoded(Sample input) {
        if (input.rank() != 1) {
            throw new DaliException("Input must be 1D encoded jpeg string.");
        }
        if (input.type() != ElementType.UINT8) {
            throw new DaliException("Input must be stored as uint8 data.");
        }
        return input.data();
    }

    /** Values stretched from the range of one type to that of another; 1 for floats. */
    private static Sample scaled(Sample image, ElementType type) {
        if (image.type() == type) {
            return image;
        }
        float factor = (float) (type.range() / image.type().range());
        float[] values = image.toFloats();
        for (int i = 0; i < values.length; i++) {
            values[i] *= factor;
        }
        Sample result = Sample.zeros(type, image.layout(), image.dims());
        Elements.fromFloats(type, values, values.length, result.data(), 0);
        return result;
    }
}
