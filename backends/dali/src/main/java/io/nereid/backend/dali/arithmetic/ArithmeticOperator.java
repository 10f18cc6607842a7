package io.nereid.backend.dali.arithmetic;

import io.nereid.backend.dali.operator.Call;
import io.nereid.backend.dali.operator.Layouts;
import io.nereid.backend.dali.operator.OperatorSpec;
import io.nereid.backend.dali.operator.SampleOperator;
import io.nereid.backend.dali.tensor.DaliException;
import io.nereid.backend.dali.tensor.ElementType;
import io.nereid.backend.dali.tensor.Elements;
import io.nereid.backend.dali.tensor.Sample;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** {@code _ArithmeticGenericOp}: one function of inputs and constants (DALI section 11). */
public final class ArithmeticOperator implements SampleOperator {
    private static final Set<String> COMPARISONS = Set.of("eq", "neq", "lt", "leq", "gt", "geq");
    private static final Set<String> BITWISE = Set.of("bitand", "bitor", "bitxor");
    private static final Set<String> ALWAYS_REAL = Set.of("fdiv", "fpow", "atan2");
    private static final Set<String> KEEP_INTEGERS = Set.of("plus", "minus", "abs");

    private final String function;
    private final List<Optional<Sample>> constants = new ArrayList<>();
    private final List<Integer> inputs = new ArrayList<>();

    public ArithmeticOperator(OperatorSpec spec) {
        spec.require("expression_desc");
        Expression expression = Expression.parse(spec.text("expression_desc").orElse(""));
        function = expression.function();
        checkFunction(expression.operands().size());
        long[] integers = spec.integers("integer_constants");
        double[] reals = spec.floats("real_constants");
        for (Expression.Operand operand : expression.operands()) {
            switch (operand) {
                case Expression.Operand.Input(int index) -> {
                    if (index >= spec.inputCount()) {
                        throw new DaliException("The expression names the missing input " + index);
                    }
                    constants.add(Optional.empty());
                    inputs.add(index);
                }
                case Expression.Operand.Constant(int index, ElementType type) -> {
                    constants.add(Optional.of(constant(index, type, integers, reals)));
                    inputs.add(-1);
                }
            }
        }
    }

    private void checkFunction(int operands) {
        boolean known =
                switch (operands) {
                    case 1 -> RealFunctions.unary(function).isPresent();
                    case 2 ->
                            RealFunctions.binary(function).isPresent()
                                    || COMPARISONS.contains(function)
                                    || BITWISE.contains(function);
                    case 3 -> function.equals("clamp");
                    default -> false;
                };
        if (!known) {
            throw new DaliException("No implementation for op \"" + function + "\".");
        }
    }

    private static Sample constant(int index, ElementType type, long[] integers, double[] reals) {
        int available = type.isFloat() ? reals.length : integers.length;
        if (index >= available) {
            throw new DaliException("The expression names the missing constant " + index);
        }
        Sample scalar = Sample.zeros(type, "");
        if (type.isFloat()) {
            Elements.setSaturated(type, scalar.data(), 0, reals[index]);
        } else {
            Elements.setWrapped(type, scalar.data(), 0, integers[index]);
        }
        return scalar;
    }

    @Override
    public List<Sample> run(Call call) {
        List<Sample> operands = new ArrayList<>(inputs.size());
        for (int i = 0; i < inputs.size(); i++) {
            int input = inputs.get(i);
            operands.add(constants.get(i).orElseGet(() -> call.inputs().get(input)));
        }
        Broadcast broadcast = new Broadcast(operands);
        String layout = layout(operands, broadcast.dims().length);
        List<ElementType> types = operands.stream().map(Sample::type).toList();
        ElementType common = Promotion.of(types);
        if (COMPARISONS.contains(function)) {
            return List.of(comparison(operands, broadcast, common, layout));
        }
        checkTypes(common);
        ElementType type =
                needsReal(types.size()) && !common.isFloat() ? ElementType.FLOAT : common;
        Sample result = Sample.zeros(type, layout, broadcast.dims());
        if (type.isFloat()) {
            broadcast.forEachRun(new RealRun(operands, type, result, function));
        } else {
            ElementType computed =
                    function.equals("mod") ? Promotion.ofC(types.get(0), types.get(1)) : type;
            broadcast.forEachRun(new IntegerRun(operands, computed, result, function));
        }
        return List.of(result);
    }

    private Sample comparison(
            List<Sample> operands, Broadcast broadcast, ElementType common, String layout) {
        Sample result = Sample.zeros(ElementType.BOOL, layout, broadcast.dims());
        broadcast.forEachRun(
                common.isFloat()
                        ? new RealRun(operands, common, result, function)
                        : new ComparisonRun(operands, result, function));
        return result;
    }

    private boolean needsReal(int operands) {
        return operands == 1 ? !KEEP_INTEGERS.contains(function) : ALWAYS_REAL.contains(function);
    }

    private void checkTypes(ElementType common) {
        if (BITWISE.contains(function)) {
            if (common.isFloat()) {
                throw new DaliException(
                        "Inputs to bitwise operator `" + symbol() + "` must be of integral type.");
            }
        } else if (common == ElementType.BOOL && !function.equals("mul")) {
            throw new DaliException(
                    "Inputs to arithmetic operator `"
                            + symbol()
                            + "` cannot be booleans. Consider using bitwise operators (&, |, ^).");
        }
    }

    private String symbol() {
        return switch (function) {
            case "add", "plus" -> "+";
            case "sub", "minus" -> "-";
            case "mul" -> "*";
            case "div" -> "//";
            case "fdiv" -> "/";
            case "mod" -> "%";
            case "pow", "fpow" -> "**";
            case "bitand" -> "&";
            case "bitor" -> "|";
            case "bitxor" -> "^";
            default -> function;
        };
    }

    private static String layout(List<Sample> operands, int rank) {
        String longest = "";
        for (Sample operand : operands) {
            if (operand.layout().length() > longest.length()) {
                longest = operand.layout();
            }
        }
        for (Sample operand : operands) {
            if (!longest.endsWith(operand.layout())) {
                throw new DaliException(
                        "Layouts of subexpressions \""
                                + longest
                                + "\" and \""
                                + operand.layout()
                                + "\" do not match.");
            }
        }
        return Layouts.fitting(longest, rank);
    }
}
