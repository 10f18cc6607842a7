package io.nereid.backend.dali.arithmetic;

import io.nereid.backend.dali.tensor.ElementType;
import io.nereid.backend.dali.tensor.Elements;
import io.nereid.backend.dali.tensor.Sample;
import java.util.List;
import java.util.function.LongBinaryOperator;
import java.util.function.LongUnaryOperator;

/** Computes runs of elements as integers of one type, with C's wrapping. */
final class IntegerRun implements Broadcast.Run {
    private final List<Sample> operands;
    private final ElementType type;
    private final Sample result;
    private final String function;
    private final long[][] values;

    /**
     * @param type type in which the function is computed
     */
    IntegerRun(List<Sample> operands, ElementType type, Sample result, String function) {
        this.operands = operands;
        this.type = type;
        this.result = result;
        this.function = function;
        this.values = new long[operands.size()][Broadcast.chunk()];
    }

    @Override
    public void at(int[] starts, int[] steps, int target, int n) {
        for (int i = 0; i < values.length; i++) {
            Sample operand = operands.get(i);
            Elements.toLongs(operand.type(), operand.data(), starts[i], steps[i], n, values[i]);
            if (operand.type() != type) {
                wrap(values[i], n);
            }
        }
        long[] x = values[0];
        switch (values.length) {
            case 1 -> unary(x, n);
            case 2 -> binary(x, values[1], n);
            default -> clamp(x, values[1], values[2], n);
        }
        for (int i = 0; i < n; i++) {
            Elements.setWrapped(result.type(), result.data(), target + i, x[i]);
        }
    }

    private void unary(long[] x, int n) {
        LongUnaryOperator operator = IntegerFunctions.unary(function).orElseThrow();
        for (int i = 0; i < n; i++) {
            x[i] = operator.applyAsLong(x[i]);
        }
    }

    private void binary(long[] x, long[] y, int n) {
        LongBinaryOperator operator = IntegerFunctions.binary(function, type).orElseThrow();
        for (int i = 0; i < n; i++) {
            x[i] = operator.applyAsLong(x[i], y[i]);
        }
    }

    private void clamp(long[] x, long[] lo, long[] hi, int n) {
        boolean unsigned = type == ElementType.UINT64;
        for (int i = 0; i < n; i++) {
            long raised = IntegerFunctions.compare(x[i], lo[i], unsigned) < 0 ? lo[i] : x[i];
            x[i] = IntegerFunctions.compare(raised, hi[i], unsigned) > 0 ? hi[i] : raised;
        }
    }

    private void wrap(long[] row, int n) {
        for (int i = 0; i < n; i++) {
            row[i] =
                    switch (type) {
                        case UINT8 -> row[i] & 0xFF;
                        case UINT16 -> row[i] & 0xFFFF;
                        case UINT32 -> row[i] & 0xFFFFFFFFL;
                        case INT8 -> (byte) row[i];
                        case INT16 -> (short) row[i];
                        case INT32 -> (int) row[i];
                        case BOOL -> row[i] != 0 ? 1 : 0;
                        case UINT64, INT64, FLOAT16, FLOAT, FLOAT64 -> row[i];
                    };
        }
    }
}
