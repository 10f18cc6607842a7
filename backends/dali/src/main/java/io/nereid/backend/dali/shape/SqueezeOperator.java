package io.nereid.backend.dali.shape;

import io.nereid.backend.dali.operator.Call;
import io.nereid.backend.dali.operator.Layouts;
import io.nereid.backend.dali.operator.OperatorSpec;
import io.nereid.backend.dali.operator.SampleOperator;
import io.nereid.backend.dali.tensor.DaliException;
import io.nereid.backend.dali.tensor.Sample;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** {@code Squeeze}: removes axes of extent 1 (DALI section 10). */
public final class SqueezeOperator implements SampleOperator {
    private final double[] axes;
    private final Optional<String> names;

    public SqueezeOperator(OperatorSpec spec) {
        axes = spec.floats("axes");
        names = spec.text("axis_names");
        if ((axes.length > 0) == names.isPresent()) {
            throw new DaliException("Exactly one of `axes` and `axis_names` must be specified");
        }
    }

    @Override
    public List<Sample> run(Call call) {
        Sample input = call.input();
        int[] removed =
                names.isPresent()
                        ? Layouts.axes(input.layout(), names.get())
                        : Layouts.axes(axes, input.rank());
        boolean[] gone = new boolean[input.rank()];
        for (int axis : removed) {
            if (input.dim(axis) != 1) {
                throw new DaliException(
                        "Requested a shape with a removed axis "
                                + axis
                                + " of extent "
                                + input.dim(axis)
                                + ", only axes of extent 1 can be removed.");
            }
            gone[axis] = true;
        }
        int[] dims = new int[input.rank()];
        StringBuilder layout = new StringBuilder();
        int kept = 0;
        for (int axis = 0; axis < gone.length; axis++) {
            if (!gone[axis]) {
                dims[kept++] = input.dim(axis);
                if (!input.layout().isEmpty()) {
                    layout.append(input.layout().charAt(axis));
                }
            }
        }
        return List.of(input.withDims(layout.toString(), Arrays.copyOf(dims, kept)));
    }
}
