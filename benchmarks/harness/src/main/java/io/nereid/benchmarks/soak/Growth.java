package io.nereid.benchmarks.soak;

import java.util.List;

/**
 * Whether a figure has grown: its median over the last quarter of the samples against that over the
 * second quarter. The first quarter is warming up. More by a twentieth, or by the figure's
 * tolerance, is no growth.
 */
record Growth(Figure figure, double before, double after) {
    private static final double SHARE = 1.05;
    private static final int FEWEST_SAMPLES = 8;

    /**
     * @param samples in the order in which they were taken
     * @throws IllegalStateException if there are too few
     */
    static Growth of(Figure figure, List<Sample> samples) {
        int count = samples.size();
        if (count < FEWEST_SAMPLES) {
            throw new IllegalStateException(count + " samples say nothing");
        }
        return new Growth(
                figure,
                median(figure, samples.subList(count / 4, count / 2)),
                median(figure, samples.subList(count - count / 4, count)));
    }

    double allowed() {
        return Math.max(before * SHARE, before + figure.tolerance());
    }

    boolean isTooMuch() {
        return after > allowed();
    }

    private static double median(Figure figure, List<Sample> samples) {
        double[] values =
                samples.stream().mapToDouble(sample -> sample.of(figure)).sorted().toArray();
        return values[values.length / 2];
    }
}
