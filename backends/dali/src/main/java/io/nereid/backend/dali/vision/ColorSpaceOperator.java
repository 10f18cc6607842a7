package io.nereid.backend.dali.vision;

import io.nereid.backend.dali.image.ColorModel;
import io.nereid.backend.dali.image.Colors;
import io.nereid.backend.dali.operator.Call;
import io.nereid.backend.dali.operator.Layouts;
import io.nereid.backend.dali.operator.OperatorSpec;
import io.nereid.backend.dali.operator.SampleOperator;
import io.nereid.backend.dali.tensor.DaliException;
import io.nereid.backend.dali.tensor.ElementType;
import io.nereid.backend.dali.tensor.Sample;
import java.util.List;

/** {@code ColorSpaceConversion} (DALI section 12.1). */
public final class ColorSpaceOperator implements SampleOperator {
    private final ColorModel from;
    private final ColorModel to;

    public ColorSpaceOperator(OperatorSpec spec) {
        spec.require("image_type");
        spec.require("output_type");
        from = ColorModel.ofId(spec.integer("image_type", 0));
        to = ColorModel.ofId(spec.integer("output_type", 0));
        if (from == ColorModel.ANY || to == ColorModel.ANY) {
            throw new DaliException("ANY_DATA is no color space");
        }
    }

    @Override
    public List<Sample> run(Call call) {
        Sample input = call.input();
        String layout = Layouts.resolve(input, Layouts.CHANNELS_LAST);
        if (input.type() != ElementType.UINT8) {
            throw new DaliException("Color space conversion accepts only uint8 tensors");
        }
        int[] dims = input.dims();
        int last = dims.length - 1;
        if (dims[last] != from.channels()) {
            throw new DaliException(
                    "Unexpected number of channels "
                            + dims[last]
                            + " for the color space, expected "
                            + from.channels());
        }
        int pixels = input.size() / from.channels();
        dims[last] = to.channels();
        Sample.checkSize(ElementType.UINT8, dims);
        byte[] converted = Colors.convert(input.data(), pixels, from, to);
        return List.of(Sample.wrap(ElementType.UINT8, layout, converted, dims));
    }
}
