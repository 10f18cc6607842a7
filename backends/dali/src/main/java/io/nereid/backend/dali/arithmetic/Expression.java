package io.nereid.backend.dali.arithmetic;

import io.nereid.backend.dali.tensor.DaliException;
import io.nereid.backend.dali.tensor.ElementType;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A parsed {@code expression_desc}: one function of inputs and constants (DALI section 11).
 *
 * @param function name such as {@code add}
 * @param operands in order
 */
record Expression(String function, List<Operand> operands) {
    private static final Pattern CALL = Pattern.compile("\\s*(\\w+)\\s*\\((.*)\\)\\s*");
    private static final Pattern INPUT = Pattern.compile("&(\\d{1,4})");
    private static final Pattern CONSTANT = Pattern.compile("\\$(\\d{1,4}):(\\w+)");

    sealed interface Operand {
        /** A positional input. */
        record Input(int index) implements Operand {}

        /** An entry of {@code integer_constants} or {@code real_constants}. */
        record Constant(int index, ElementType type) implements Operand {}
    }

    static Expression parse(String text) {
        Matcher call = CALL.matcher(text);
        if (!call.matches()) {
            throw new DaliException("Cannot parse the expression \"" + text + "\"");
        }
        String arguments = call.group(2).strip();
        if (arguments.contains("(")) {
            throw new DaliException(
                    "Complex expression trees are not yet supported. Only expressions containing"
                            + " one operator are supported. Got: "
                            + text);
        }
        List<Operand> operands = new ArrayList<>();
        for (String part : arguments.split("[\\s,]+", -1)) {
            operands.add(operand(part, text));
        }
        return new Expression(call.group(1), operands);
    }

    private static Operand operand(String part, String text) {
        Matcher input = INPUT.matcher(part);
        if (input.matches()) {
            return new Operand.Input(Integer.parseInt(input.group(1)));
        }
        Matcher constant = CONSTANT.matcher(part);
        if (constant.matches()) {
            return new Operand.Constant(
                    Integer.parseInt(constant.group(1)), type(constant.group(2)));
        }
        throw new DaliException("Cannot parse \"" + part + "\" in the expression \"" + text + "\"");
    }

    private static ElementType type(String name) {
        return switch (name) {
            case "bool" -> ElementType.BOOL;
            case "uint8" -> ElementType.UINT8;
            case "uint16" -> ElementType.UINT16;
            case "uint32" -> ElementType.UINT32;
            case "uint64" -> ElementType.UINT64;
            case "int8" -> ElementType.INT8;
            case "int16" -> ElementType.INT16;
            case "int32" -> ElementType.INT32;
            case "int64" -> ElementType.INT64;
            case "float16" -> ElementType.FLOAT16;
            case "float32" -> ElementType.FLOAT;
            case "float64" -> ElementType.FLOAT64;
            default -> throw new DaliException("Unknown type of a constant: " + name);
        };
    }
}
