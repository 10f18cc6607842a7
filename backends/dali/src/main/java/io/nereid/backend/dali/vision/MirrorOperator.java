package io.nereid.backend.dali.vision;

import io.nereid.backend.dali.operator.Call;
import io.nereid.backend.dali.operator.Layouts;
import io.nereid.backend.dali.operator.OperatorSpec;
import io.nereid.backend.dali.operator.SampleOperator;
import io.nereid.backend.dali.operator.Scalar;
import io.nereid.backend.dali.tensor.Sample;
import io.nereid.backend.dali.tensor.Strided;
import java.util.List;

/** The last step of {@code ResizeCropMirror}: reverses the columns if {@code mirror} says so. */
public final class MirrorOperator implements SampleOperator {
    private final Scalar mirror;

    public MirrorOperator(OperatorSpec spec) {
        mirror = spec.scalar("mirror", 0);
    }

    @Override
    public List<Sample> run(Call call) {
        Sample input = call.input();
        if (mirror.value(call) == 0 || input.size() == 0) {
            return List.of(input);
        }
        int axis = Layouts.axes(input.layout(), "W")[0];
        int[] strides = Strided.packed(input.dims());
        int start = (input.dim(axis) - 1) * strides[axis];
        strides[axis] = -strides[axis];
        return List.of(Strided.gather(input, input.dims(), start, strides, input.layout()));
    }
}
