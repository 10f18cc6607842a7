package io.nereid.backend.dali.arithmetic;

import io.nereid.backend.dali.tensor.ElementType;
import io.nereid.backend.dali.tensor.Elements;
import io.nereid.backend.dali.tensor.Sample;
import java.util.List;

/** Compares runs of integers by value, whatever their signs and widths. */
final class ComparisonRun implements Broadcast.Run {
    private final Sample left;
    private final Sample right;
    private final Sample result;
    private final String function;
    private final long[] x = new long[Broadcast.chunk()];
    private final long[] y = new long[Broadcast.chunk()];

    ComparisonRun(List<Sample> operands, Sample result, String function) {
        this.left = operands.get(0);
        this.right = operands.get(1);
        this.result = result;
        this.function = function;
    }

    @Override
    public void at(int[] starts, int[] steps, int target, int n) {
        Elements.toLongs(left.type(), left.data(), starts[0], steps[0], n, x);
        Elements.toLongs(right.type(), right.data(), starts[1], steps[1], n, y);
        for (int i = 0; i < n; i++) {
            result.data()[target + i] = (byte) (holds(compare(x[i], y[i])) ? 1 : 0);
        }
    }

    private int compare(long a, long b) {
        boolean leftUnsigned = left.type() == ElementType.UINT64;
        boolean rightUnsigned = right.type() == ElementType.UINT64;
        if (leftUnsigned && rightUnsigned) {
            return Long.compareUnsigned(a, b);
        }
        if (leftUnsigned && a < 0) {
            return 1;
        }
        if (rightUnsigned && b < 0) {
            return -1;
        }
        return Long.compare(a, b);
    }

    private boolean holds(int order) {
        return switch (function) {
            case "eq" -> order == 0;
            case "neq" -> order != 0;
            case "lt" -> order < 0;
            case "leq" -> order <= 0;
            case "gt" -> order > 0;
            case "geq" -> order >= 0;
            default -> throw new IllegalStateException("no function " + function);
        };
    }
}
