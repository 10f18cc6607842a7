package io.nereid.load.measure;

import java.util.function.Consumer;
import java.util.function.DoubleFunction;

/** Goes through a range of loads, from the smallest on. Used by the main thread. */
public final class Sweep {
    private final Range range;
    private final DoubleFunction<Load> loads;
    private final Measurement measurement;

    /**
     * A sweep.
     *
     * @param loads the load of an amount
     */
    public Sweep(Range range, DoubleFunction<Load> loads, Measurement measurement) {
        this.range = range;
        this.loads = loads;
        this.measurement = measurement;
    }

    /** Measures until the range or the server's patience is at its end. */
    public void run(Consumer<LevelResult> results) {
        for (int i = 0; range.contains(i); i++) {
            LevelResult result = measurement.measure(loads.apply(range.value(i)));
            results.accept(result);
            if (result.verdict() == LevelResult.Verdict.NOTHING || measurement.isTooSlow(result)) {
                break;
            }
        }
    }
}
