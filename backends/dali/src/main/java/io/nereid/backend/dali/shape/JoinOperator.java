package io.nereid.backend.dali.shape;

import io.nereid.backend.dali.operator.Call;
import io.nereid.backend.dali.operator.Layouts;
import io.nereid.backend.dali.operator.OperatorSpec;
import io.nereid.backend.dali.operator.SampleOperator;
import io.nereid.backend.dali.tensor.DaliException;
import io.nereid.backend.dali.tensor.Sample;
import io.nereid.backend.dali.tensor.Strided;
import java.util.List;
import java.util.Optional;

/** {@code Cat} and {@code Stack}: several tensors as one (DALI section 10). */
public final class JoinOperator implements SampleOperator {
    private final boolean newAxis;
    private final long axis;
    private final Optional<String> axisName;

    private JoinOperator(OperatorSpec spec, boolean newAxis) {
        this.newAxis = newAxis;
        this.axis = spec.integer("axis", 0);
        this.axisName = spec.text("axis_name");
        if (axisName.isPresent() && axisName.get().length() != 1) {
            throw new DaliException("`axis_name` must be one letter, got " + axisName.get());
        }
    }

    /** {@code Cat}: along an axis that there is. */
    public static JoinOperator cat(OperatorSpec spec) {
        return new JoinOperator(spec, false);
    }

    /** {@code Stack}: along a new axis. */
    public static JoinOperator stack(OperatorSpec spec) {
        return new JoinOperator(spec, true);
    }

    @Override
    public List<Sample> run(Call call) {
        Sample first = call.input();
        List<Sample> inputs = call.inputs();
        for (Sample input : inputs) {
            if (input.type() != first.type() || input.rank() != first.rank()) {
                throw new DaliException(
                        "All inputs must have the same type and number of dimensions. Got: "
                                + first
                                + " and "
                                + input);
            }
        }
        return List.of(newAxis ? stacked(inputs) : joined(inputs));
    }

    private Sample stacked(List<Sample> inputs) {
        Sample first = inputs.getFirst();
        int rank = first.rank();
        int at = Layouts.axis(axis, rank + 1);
        int[] dims = new int[rank + 1];
        for (int d = 0; d <= rank; d++) {
            dims[d] = d == at ? inputs.size() : first.dim(d < at ? d : d - 1);
        }
        for (Sample input : inputs) {
            if (!input.sameDims(first)) {
                throw new DaliException(
                        "All inputs must have the same shape. Got: " + first + " and " + input);
            }
        }
        String layout = "";
        if (axisName.isPresent() && first.layout().length() == rank) {
            layout =
                    first.layout().substring(0, at) + axisName.get() + first.layout().substring(at);
        }
        return interleaved(inputs, Sample.zeros(first.type(), layout, dims), at);
    }

    private Sample joined(List<Sample> inputs) {
        Sample first = inputs.getFirst();
        String layout = "";
        for (Sample input : inputs) {
            layout = layout.isEmpty() ? input.layout() : layout;
        }
        int at =
                axisName.isPresent()
                        ? Layouts.axes(layout, axisName.get())[0]
                        : Layouts.axis(axis, first.rank());
        List<Sample> parts = inputs.stream().filter(input -> input.size() > 0).toList();
        if (parts.isEmpty()) {
            return first.withLayout(layout);
        }
        long[] dims = new long[first.rank()];
        for (Sample part : parts) {
            for (int d = 0; d < dims.length; d++) {
                if (d == at) {
                    dims[d] += part.dim(d);
                } else if (part.dim(d) != parts.getFirst().dim(d)) {
                    throw new DaliException(
                            "All inputs must have the same extents but for axis "
                                    + at
                                    + ". Got: "
                                    + parts.getFirst()
                                    + " and "
                                    + part);
                } else {
                    dims[d] = part.dim(d);
                }
            }
        }
        Sample result = Sample.zeros(first.type(), layout, Sample.checkedDims(dims));
        return interleaved(parts, result, at);
    }

    /** Copies, for each position of the axes before {@code axis}, one run from every input. */
    private static Sample interleaved(List<Sample> parts, Sample result, int axis) {
        int outer = Strided.volume(result.dims(), 0, axis);
        int position = 0;
        for (int o = 0; o < outer; o++) {
            for (Sample part : parts) {
                int run = part.data().length / outer;
                System.arraycopy(part.data(), o * run, result.data(), position, run);
                position += run;
            }
        }
        return result;
    }
}
