package io.nereid.backend.dali.vision;

import io.nereid.backend.dali.operator.Call;
import io.nereid.backend.dali.operator.Layouts;
import io.nereid.backend.dali.operator.OperatorSpec;
import io.nereid.backend.dali.operator.SampleOperator;
import io.nereid.backend.dali.operator.Scalar;
import io.nereid.backend.dali.tensor.ElementType;
import io.nereid.backend.dali.tensor.Elements;
import io.nereid.backend.dali.tensor.Sample;
import java.util.List;
import java.util.Optional;

/** {@code BrightnessContrast}, {@code Brightness} and {@code Contrast} (DALI section 12.2). */
public final class BrightnessContrastOperator implements SampleOperator {
    private static final List<String> LAYOUTS = List.of("HWC", "FHWC", "DHWC");

    private final Scalar brightness;
    private final Scalar shift;
    private final Scalar contrast;
    private final Scalar center;
    private final Optional<ElementType> type;

    public BrightnessContrastOperator(OperatorSpec spec) {
        brightness = spec.scalar("brightness", 1);
        shift = spec.scalar("brightness_shift", 0);
        contrast = spec.scalar("contrast", 1);
        center = spec.scalar("contrast_center", 0);
        type = spec.type("dtype");
    }

    @Override
    public List<Sample> run(Call call) {
        Sample input = call.input();
        String layout = Layouts.resolve(input, LAYOUTS);
        ElementType outType = type.orElse(input.type());
        float b = brightness.floatValue(call);
        float c = contrast.floatValue(call);
        float middle = center.given() ? center.floatValue(call) : halfRange(input.type());
        float factor = b * c;
        float added = shift.floatValue(call) * (float) outType.range() + b * (middle - c * middle);
        float[] values = input.toFloats();
        for (int i = 0; i < values.length; i++) {
            values[i] = values[i] * factor + added;
        }
        Sample result = Sample.zeros(outType, layout, input.dims());
        Elements.fromFloats(outType, values, values.length, result.data(), 0);
        return List.of(result);
    }

    /** Half of the range of a type: 128 for UINT8, 64 for INT8, 0.5 for floats. */
    static float halfRange(ElementType type) {
        return type.isInteger() ? (float) ((type.range() + 1) / 2) : 0.5f;
    }
}
