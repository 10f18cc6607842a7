package io.nereid.backend.dali.arithmetic;

import io.nereid.backend.dali.tensor.ElementType;
import io.nereid.backend.dali.tensor.Elements;
import io.nereid.backend.dali.tensor.Sample;
import java.util.List;
import java.util.function.DoubleBinaryOperator;
import java.util.function.DoubleUnaryOperator;

/** Computes runs of elements as real numbers of one type. */
final class RealRun implements Broadcast.Run {
    private final List<Sample> operands;
    private final ElementType type;
    private final Sample result;
    private final String function;
    private final double[][] values;

    RealRun(List<Sample> operands, ElementType type, Sample result, String function) {
        this.operands = operands;
        this.type = type;
        this.result = result;
        this.function = function;
        this.values = new double[operands.size()][Broadcast.chunk()];
    }

    @Override
    public void at(int[] starts, int[] steps, int target, int n) {
        for (int i = 0; i < values.length; i++) {
            Sample operand = operands.get(i);
            Elements.toDoubles(operand.type(), operand.data(), starts[i], steps[i], n, values[i]);
            if (operand.type() != type) {
                round(values[i], n);
            }
        }
        double[] x = values[0];
        switch (values.length) {
            case 1 -> unary(x, n);
            case 2 -> binary(x, values[1], n);
            default -> {
                for (int i = 0; i < n; i++) {
                    x[i] = Math.min(Math.max(x[i], values[1][i]), values[2][i]);
                }
            }
        }
        Elements.fromDoubles(result.type(), x, n, result.data(), target);
    }

    private void unary(double[] x, int n) {
        DoubleUnaryOperator operator = RealFunctions.unary(function).orElseThrow();
        for (int i = 0; i < n; i++) {
            x[i] = operator.applyAsDouble(x[i]);
        }
    }

    private void binary(double[] x, double[] y, int n) {
        DoubleBinaryOperator operator =
                RealFunctions.binary(function).orElseGet(() -> comparison(function));
        for (int i = 0; i < n; i++) {
            x[i] = operator.applyAsDouble(x[i], y[i]);
        }
    }

    private static DoubleBinaryOperator comparison(String function) {
        return switch (function) {
            case "eq" -> (x, y) -> x == y ? 1 : 0;
            case "neq" -> (x, y) -> x != y ? 1 : 0;
            case "lt" -> (x, y) -> x < y ? 1 : 0;
            case "leq" -> (x, y) -> x <= y ? 1 : 0;
            case "gt" -> (x, y) -> x > y ? 1 : 0;
            case "geq" -> (x, y) -> x >= y ? 1 : 0;
            default -> throw new IllegalStateException("no function " + function);
        };
    }

    /** Operands take the result's type first, so a large integer loses its low digits. */
    private void round(double[] row, int n) {
        for (int i = 0; i < n; i++) {
            row[i] =
                    switch (type) {
                        case FLOAT -> (float) row[i];
                        case FLOAT16 -> Float.float16ToFloat(Float.floatToFloat16((float) row[i]));
                        default -> row[i];
                    };
        }
    }
}
