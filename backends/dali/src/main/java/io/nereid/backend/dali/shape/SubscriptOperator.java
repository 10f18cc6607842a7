package io.nereid.backend.dali.shape;

import io.nereid.backend.dali.operator.Call;
import io.nereid.backend.dali.operator.OperatorSpec;
import io.nereid.backend.dali.operator.SampleOperator;
import io.nereid.backend.dali.operator.Scalar;
import io.nereid.backend.dali.tensor.DaliException;
import io.nereid.backend.dali.tensor.Sample;
import io.nereid.backend.dali.tensor.Strided;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** {@code _TensorSubscript}: indexing with Python's rules (DALI section 10). */
public final class SubscriptOperator implements SampleOperator {
    private record Subscript(Scalar at, Scalar lo, Scalar hi, Scalar step) {
        boolean given() {
            return at.given() || lo.given() || hi.given() || step.given();
        }
    }

    private final List<Subscript> subscripts;
    private final int count;

    public SubscriptOperator(OperatorSpec spec) {
        subscripts = new ArrayList<>();
        int highest = 0;
        for (int i = 0; i < Sample.MAX_RANK; i++) {
            Subscript subscript =
                    new Subscript(
                            spec.scalar("at_" + i, 0),
                            spec.scalar("lo_" + i, 0),
                            spec.scalar("hi_" + i, 0),
                            spec.scalar("step_" + i, 1));
            subscripts.add(subscript);
            highest = subscript.given() ? i + 1 : highest;
        }
        count = Math.max(highest, (int) spec.integer("num_subscripts", highest));
    }

    @Override
    public List<Sample> run(Call call) {
        Sample input = call.input();
        int rank = input.rank();
        if (rank == 0) {
            throw new DaliException("Cannot apply an index to a scalar.");
        }
        if (count > rank) {
            throw new DaliException("Too many indices (" + count + ") for a " + rank + "D tensor.");
        }
        int[] packed = Strided.packed(input.dims());
        int[] dims = new int[rank];
        int[] strides = new int[rank];
        StringBuilder layout = new StringBuilder();
        int start = 0;
        int kept = 0;
        for (int d = 0; d < rank; d++) {
            Subscript subscript = subscripts.get(d);
            int n = input.dim(d);
            if (subscript.at().given()) {
                start += index(subscript.at().integer(call), n, d) * packed[d];
                continue;
            }
            Range range = range(subscript, call, n);
            dims[kept] = range.size();
            strides[kept] = (int) (packed[d] * (range.size() > 1 ? range.step() : 1));
            start += range.first() * packed[d];
            kept++;
            if (input.layout().length() == rank) {
                layout.append(input.layout().charAt(d));
            }
        }
        return List.of(
                Strided.gather(
                        input,
                        Arrays.copyOf(dims, kept),
                        start,
                        Arrays.copyOf(strides, kept),
                        layout.toString()));
    }

    private record Range(int first, int size, long step) {}

    private static int index(long value, int n, int axis) {
        if (value < -n || value >= n) {
            throw new DaliException(
                    "Index " + value + " is out of range for axis " + axis + " of length " + n);
        }
        return (int) (value < 0 ? value + n : value);
    }

    private static Range range(Subscript subscript, Call call, int n) {
        long step = subscript.step().integer(call);
        if (step == 0) {
            throw new DaliException("Step cannot be zero.");
        }
        long lowest = step > 0 ? 0 : -1;
        long highest = step > 0 ? n : n - 1L;
        long from = step > 0 ? lowest : highest;
        long to = step > 0 ? highest : lowest;
        if (subscript.lo().given()) {
            from = bounded(subscript.lo().integer(call), n, lowest, highest);
        }
        if (subscript.hi().given()) {
            to = bounded(subscript.hi().integer(call), n, lowest, highest);
        }
        long distance = step > 0 ? to - from : from - to;
        if (distance <= 0) {
            return new Range(0, 0, step);
        }
        long stride = step == Long.MIN_VALUE ? Long.MAX_VALUE : Math.abs(step);
        return new Range((int) from, (int) ((distance - 1) / stride + 1), step);
    }

    private static long bounded(long value, int n, long lowest, long highest) {
        return Math.clamp(value < 0 ? value + n : value, lowest, highest);
    }
}
