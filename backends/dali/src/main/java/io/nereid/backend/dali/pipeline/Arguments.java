package io.nereid.backend.dali.pipeline;

import io.nereid.backend.dali.operator.ArgumentValue;
import io.nereid.backend.dali.proto.Argument;
import io.nereid.backend.dali.tensor.DaliException;
import java.util.ArrayList;
import java.util.List;

/** Arguments as files encode them (DALI section 2.3). */
final class Arguments {
    private Arguments() {}

    /**
     * @throws DaliException if the value is of a kind that no operator here takes
     */
    static ArgumentValue value(Argument argument) {
        List<Argument> elements =
                argument.getIsVector() ? argument.getExtraArgsList() : List.of(argument);
        List<String> texts = new ArrayList<>();
        List<Double> floats = new ArrayList<>();
        List<Long> integers = new ArrayList<>();
        for (Argument element : elements) {
            if (element.getStringsCount() > 0) {
                texts.add(element.getStrings(0));
            } else if (element.getFloatsCount() > 0) {
                floats.add((double) element.getFloats(0));
            } else if (element.getIntsCount() > 0) {
                integers.add(element.getInts(0));
            } else if (element.getBoolsCount() > 0) {
                integers.add(element.getBools(0) ? 1L : 0L);
            } else if (element.getType().equals("string")) {
                texts.add("");
            } else {
                throw new DaliException(
                        "argument '"
                                + argument.getName()
                                + "' has a value of the unsupported kind '"
                                + element.getType()
                                + "'");
            }
        }
        return value(argument.getName(), texts, floats, integers);
    }

    private static ArgumentValue value(
            String name, List<String> texts, List<Double> floats, List<Long> integers) {
        if (!texts.isEmpty()) {
            if (!floats.isEmpty() || !integers.isEmpty()) {
                throw new DaliException("argument '" + name + "' mixes texts and numbers");
            }
            return ArgumentValue.ofTexts(texts);
        }
        if (floats.isEmpty()) {
            return ArgumentValue.ofIntegers(integers.stream().mapToLong(Long::longValue).toArray());
        }
        if (!integers.isEmpty()) {
            throw new DaliException("argument '" + name + "' mixes integers and floats");
        }
        return ArgumentValue.ofFloats(floats.stream().mapToDouble(Double::doubleValue).toArray());
    }
}
