package io.nereid.backend.dali.operator;

import java.util.List;

/**
 * A constant argument as the file has it: numbers or texts. Integers, floats and bools are all
 * numbers, a scalar is a list of one (DALI section 2.3).
 */
public final class ArgumentValue {
    private final double[] numbers;
    private final long[] integers;
    private final List<String> texts;

    private ArgumentValue(double[] numbers, long[] integers, List<String> texts) {
        this.numbers = numbers;
        this.integers = integers;
        this.texts = texts;
    }

    /** Integers, enumeration values or bools. */
    public static ArgumentValue ofIntegers(long... values) {
        double[] numbers = new double[values.length];
        for (int i = 0; i < values.length; i++) {
            numbers[i] = values[i];
        }
        return new ArgumentValue(numbers, values.clone(), List.of());
    }

    /** Floats; where integers are expected their fractions are cut off. */
    public static ArgumentValue ofFloats(double... values) {
        long[] integers = new long[values.length];
        for (int i = 0; i < values.length; i++) {
            integers[i] = (long) values[i];
        }
        return new ArgumentValue(values.clone(), integers, List.of());
    }

    /** Strings. */
    public static ArgumentValue ofTexts(List<String> values) {
        return new ArgumentValue(new double[0], new long[0], List.copyOf(values));
    }

    /** Number of elements. */
    public int size() {
        return Math.max(numbers.length, texts.size());
    }

    double[] numbers() {
        return numbers.clone();
    }

    long[] integers() {
        return integers.clone();
    }

    List<String> texts() {
        return texts;
    }
}
