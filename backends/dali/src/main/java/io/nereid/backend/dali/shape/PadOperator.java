package io.nereid.backend.dali.shape;

import io.nereid.backend.dali.operator.BatchOperator;
import io.nereid.backend.dali.operator.Call;
import io.nereid.backend.dali.operator.Layouts;
import io.nereid.backend.dali.operator.Numbers;
import io.nereid.backend.dali.operator.OperatorSpec;
import io.nereid.backend.dali.operator.SampleOperator;
import io.nereid.backend.dali.operator.Scalar;
import io.nereid.backend.dali.tensor.DaliException;
import io.nereid.backend.dali.tensor.Sample;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * {@code Pad}: fills up at the end of axes (DALI section 9.2). Without a shape the largest extent
 * among all samples of the executed batch decides, whatever requests they belong to.
 */
public final class PadOperator implements BatchOperator {
    private final Scalar fill;
    private final Numbers axes;
    private final Numbers align;
    private final Numbers shape;
    private final Optional<String> axisNames;

    public PadOperator(OperatorSpec spec) {
        fill = spec.scalar("fill_value", 0);
        axes = spec.numbers("axes");
        align = spec.numbers("align");
        shape = spec.numbers("shape");
        axisNames = spec.text("axis_names");
    }

    @Override
    public SampleOperator forBatch(List<Call> calls) {
        int[] largest = new int[Sample.MAX_RANK];
        for (Call call : calls) {
            for (int d = 0; d < call.input().rank(); d++) {
                largest[d] = Math.max(largest[d], call.input().dim(d));
            }
        }
        return call -> List.of(padded(call, largest));
    }

    private Sample padded(Call call, int[] largest) {
        Sample input = call.input();
        int[] chosen = chosenAxes(call, input);
        double[] shapes =
                shape.given() ? shape.values(call, chosen.length) : filled(chosen.length, -1);
        double[] aligns =
                align.given() ? align.values(call, chosen.length) : filled(chosen.length, 1);
        long[] size = Arrays.stream(input.dims()).asLongStream().toArray();
        for (int i = 0; i < chosen.length; i++) {
            int axis = chosen[i];
            long wanted = shapes[i] > 0 ? (long) shapes[i] : largest[axis];
            long step = (long) aligns[i];
            if (step < 1) {
                throw new DaliException("Values of `align` must be positive, got " + step);
            }
            size[axis] = Math.ceilDiv(Math.max(wanted, size[axis]), step) * step;
        }
        Window window = Window.of(input, new long[size.length], size, Boundary.CONSTANT);
        return window.cut(input.type(), input.layout(), new double[] {fill.value(call)}, -1);
    }

    private int[] chosenAxes(Call call, Sample input) {
        if (axisNames.isPresent() && !axisNames.get().isEmpty()) {
            return Layouts.axes(input.layout(), axisNames.get());
        }
        if (axes.given()) {
            return Layouts.axes(axes.values(call), input.rank());
        }
        int[] all = new int[input.rank()];
        Arrays.setAll(all, d -> d);
        return all;
    }

    private static double[] filled(int n, double value) {
        double[] values = new double[n];
        Arrays.fill(values, value);
        return values;
    }
}
