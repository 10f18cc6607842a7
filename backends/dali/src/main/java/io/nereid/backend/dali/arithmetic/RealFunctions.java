package io.nereid.backend.dali.arithmetic;

import java.util.Optional;
import java.util.function.DoubleBinaryOperator;
import java.util.function.DoubleUnaryOperator;

/**
 * Functions of real numbers. Computed in double and rounded to the result's type afterwards, which
 * for the basic operations on 32-bit floats gives the same as computing in floats.
 */
final class RealFunctions {
    private RealFunctions() {}

    static Optional<DoubleUnaryOperator> unary(String name) {
        return Optional.ofNullable(
                switch (name) {
                    case "plus" -> x -> x;
                    case "minus" -> x -> -x;
                    case "abs", "fabs" -> Math::abs;
                    case "exp" -> Math::exp;
                    case "sqrt" -> Math::sqrt;
                    case "rsqrt" -> x -> 1 / Math.sqrt(x);
                    case "cbrt" -> Math::cbrt;
                    case "log" -> Math::log;
                    case "log2" -> x -> Math.log(x) / Math.log(2);
                    case "log10" -> Math::log10;
                    case "floor" -> Math::floor;
                    case "ceil" -> Math::ceil;
                    case "sin" -> Math::sin;
                    case "cos" -> Math::cos;
                    case "tan" -> Math::tan;
                    case "asin" -> Math::asin;
                    case "acos" -> Math::acos;
                    case "atan" -> Math::atan;
                    case "sinh" -> Math::sinh;
                    case "cosh" -> Math::cosh;
                    case "tanh" -> Math::tanh;
                    case "asinh" ->
                            x -> Math.copySign(Math.log(Math.abs(x) + Math.sqrt(x * x + 1)), x);
                    case "acosh" -> x -> Math.log(x + Math.sqrt(x * x - 1));
                    case "atanh" -> x -> 0.5 * (Math.log1p(x) - Math.log1p(-x));
                    default -> null;
                });
    }

    static Optional<DoubleBinaryOperator> binary(String name) {
        return Optional.ofNullable(
                switch (name) {
                    case "add" -> (x, y) -> x + y;
                    case "sub" -> (x, y) -> x - y;
                    case "mul" -> (x, y) -> x * y;
                    case "div", "fdiv" -> (x, y) -> x / y;
                    case "mod" -> Math::IEEEremainder;
                    case "min" -> Math::min;
                    case "max" -> Math::max;
                    case "pow", "fpow" -> Math::pow;
                    case "atan2" -> Math::atan2;
                    default -> null;
                });
    }
}
