package io.nereid.benchmarks;

import java.util.List;
import java.util.function.DoubleFunction;

/** Where several measurements of the same thing lie. */
record Spread(double median, double min, double max) {
    /**
     * @throws IllegalStateException if there is none
     */
    static Spread of(List<Double> values) {
        if (values.isEmpty()) {
            throw new IllegalStateException("nothing was measured");
        }
        List<Double> sorted = values.stream().sorted().toList();
        int size = sorted.size();
        double median = (sorted.get((size - 1) / 2) + sorted.get(size / 2)) / 2;
        return new Spread(median, sorted.getFirst(), sorted.getLast());
    }

    String text(DoubleFunction<String> unit) {
        if (min == max) {
            return unit.apply(median);
        }
        return "%s (%s–%s)".formatted(unit.apply(median), unit.apply(min), unit.apply(max));
    }
}
