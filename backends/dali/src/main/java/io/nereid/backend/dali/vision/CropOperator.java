package io.nereid.backend.dali.vision;

import io.nereid.backend.dali.operator.Call;
import io.nereid.backend.dali.operator.Layouts;
import io.nereid.backend.dali.operator.OperatorSpec;
import io.nereid.backend.dali.operator.SampleOperator;
import io.nereid.backend.dali.tensor.ElementType;
import io.nereid.backend.dali.tensor.Sample;
import java.util.List;
import java.util.Optional;

/** {@code Crop}: a window of a picture, type and layout kept (DALI section 8.1). */
public final class CropOperator implements SampleOperator {
    private final CropWindow window;
    private final Optional<ElementType> type;

    public CropOperator(OperatorSpec spec) {
        window = new CropWindow(spec);
        type = spec.type("dtype", "output_dtype");
    }

    @Override
    public List<Sample> run(Call call) {
        Sample input = call.input();
        String layout = Layouts.resolve(input, Layouts.CROP);
        return List.of(
                window.over(call, input, layout)
                        .cut(
                                type.orElse(input.type()),
                                layout,
                                window.fill(),
                                layout.indexOf('C')));
    }
}
