package io.nereid.backend.dali.vision;

import io.nereid.backend.dali.operator.Call;
import io.nereid.backend.dali.operator.Layouts;
import io.nereid.backend.dali.operator.OperatorSpec;
import io.nereid.backend.dali.operator.SampleOperator;
import io.nereid.backend.dali.operator.Scalar;
import io.nereid.backend.dali.tensor.DaliException;
import io.nereid.backend.dali.tensor.Sample;
import io.nereid.backend.dali.tensor.Strided;
import java.util.List;

/** {@code Flip}: reverses axes (DALI section 9.3). */
public final class FlipOperator implements SampleOperator {
    private static final String AXES = "WHD";

    private final List<Scalar> flips;

    public FlipOperator(OperatorSpec spec) {
        flips =
                List.of(
                        spec.scalar("horizontal", 1),
                        spec.scalar("vertical", 0),
                        spec.scalar("depthwise", 0));
    }

    @Override
    public List<Sample> run(Call call) {
        Sample input = call.input();
        String layout = Layouts.resolve(input, Layouts.FLIP);
        int[] strides = Strided.packed(input.dims());
        int start = 0;
        for (int i = 0; i < AXES.length(); i++) {
            if (flips.get(i).value(call) == 0) {
                continue;
            }
            int axis = layout.indexOf(AXES.charAt(i));
            if (axis < 0) {
                throw new DaliException(
                        "Cannot flip along axis "
                                + AXES.charAt(i)
                                + ": it is not in the layout \""
                                + layout
                                + "\"");
            }
            start += Math.max(0, input.dim(axis) - 1) * strides[axis];
            strides[axis] = -strides[axis];
        }
        return List.of(Strided.gather(input, input.dims(), start, strides, layout));
    }
}
