package io.nereid.load.report;

import java.util.ArrayList;
import java.util.List;
import java.util.function.DoubleFunction;

/**
 * One direction of a chart, from 0 (least) to 1 (most).
 *
 * @param logarithmic whether equal factors have equal lengths
 * @param label how a value is written
 */
record Axis(
        String title,
        double least,
        double most,
        boolean logarithmic,
        DoubleFunction<String> label) {
    private static final int TICKS = 5;
    private static final double TENFOLD = 10;
    private static final List<Double> STEPS = List.of(1.0, 2.0, 5.0, 10.0);

    /** From 0 to a round number above {@code most}. */
    static Axis fromZero(String title, double most, DoubleFunction<String> label) {
        double step = step(most);
        return new Axis(title, 0, Math.max(step, Math.ceil(most / step) * step), false, label);
    }

    /** From below {@code least} to above {@code most}, both above 0. */
    static Axis logarithmic(String title, double least, double most, DoubleFunction<String> label) {
        double low = Math.pow(TENFOLD, Math.floor(Math.log10(least)));
        double high = Math.pow(TENFOLD, Math.ceil(Math.log10(Math.max(most, low * 1.01))));
        return new Axis(title, low, high, true, label);
    }

    /** Where a value lies. */
    double position(double value) {
        return logarithmic
                ? Math.log(Math.max(value, least) / least) / Math.log(most / least)
                : (value - least) / (most - least);
    }

    /** Values that are marked. */
    List<Double> ticks() {
        List<Double> ticks = new ArrayList<>();
        if (logarithmic) {
            for (double tick = least; tick <= most * 1.001; tick *= TENFOLD) {
                ticks.add(tick);
            }
            return ticks;
        }
        double step = step(most);
        for (int i = 0; i * step <= most * 1.001; i++) {
            ticks.add(i * step);
        }
        return ticks;
    }

    private static double step(double most) {
        double rough = Math.max(most, Double.MIN_NORMAL) / TICKS;
        double power = Math.pow(TENFOLD, Math.floor(Math.log10(rough)));
        return power * STEPS.stream().filter(s -> s * power >= rough).findFirst().orElse(TENFOLD);
    }
}
