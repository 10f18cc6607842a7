package io.nereid.backend.dali.arithmetic;

import io.nereid.backend.dali.tensor.DaliException;
import io.nereid.backend.dali.tensor.ElementType;
import java.util.Optional;
import java.util.function.LongBinaryOperator;
import java.util.function.LongUnaryOperator;

/** Functions of 64-bit integers; the caller wraps results to the width of the type. */
final class IntegerFunctions {
    private IntegerFunctions() {}

    static Optional<LongUnaryOperator> unary(String name) {
        return Optional.ofNullable(
                switch (name) {
                    case "plus" -> x -> x;
                    case "minus" -> x -> -x;
                    case "abs" -> x -> x < 0 ? -x : x;
                    default -> null;
                });
    }

    /**
     * @param type type of both operands, which decides whether 64 bits have a sign
     */
    static Optional<LongBinaryOperator> binary(String name, ElementType type) {
        boolean unsigned = type == ElementType.UINT64;
        return Optional.ofNullable(
                switch (name) {
                    case "add" -> (x, y) -> x + y;
                    case "sub" -> (x, y) -> x - y;
                    case "mul" -> (x, y) -> x * y;
                    case "div" -> (x, y) -> quotient(x, y, unsigned);
                    case "mod" -> (x, y) -> remainder(x, y, unsigned);
                    case "min" -> (x, y) -> compare(x, y, unsigned) <= 0 ? x : y;
                    case "max" -> (x, y) -> compare(x, y, unsigned) >= 0 ? x : y;
                    case "pow" -> (x, y) -> power(x, y, unsigned);
                    case "bitand" -> (x, y) -> x & y;
                    case "bitor" -> (x, y) -> x | y;
                    case "bitxor" -> (x, y) -> x ^ y;
                    default -> null;
                });
    }

    static int compare(long x, long y, boolean unsigned) {
        return unsigned ? Long.compareUnsigned(x, y) : Long.compare(x, y);
    }

    private static long quotient(long x, long y, boolean unsigned) {
        requireNonZero(y);
        return unsigned ? Long.divideUnsigned(x, y) : x / y;
    }

    private static long remainder(long x, long y, boolean unsigned) {
        requireNonZero(y);
        return unsigned ? Long.remainderUnsigned(x, y) : x % y;
    }

    private static void requireNonZero(long divisor) {
        if (divisor == 0) {
            throw new DaliException("Integer division by zero.");
        }
    }

    private static long power(long base, long exponent, boolean unsigned) {
        if (exponent < 0 && !unsigned) {
            return 0;
        }
        long result = 1;
        long square = base;
        for (long left = exponent; left != 0; left >>>= 1) {
            if ((left & 1) != 0) {
                result *= square;
            }
            square *= square;
        }
        return result;
    }
}
