package io.nereid.load.measure;

import java.util.List;
import java.util.function.ToDoubleFunction;

/** Whether windows show the same, so that there is no need to measure on. */
final class Stability {
    /** Windows that must agree. */
    static final int RECENT = 3;

    private static final double PERCENT = 100;

    private final Windows options;

    Stability(Windows options) {
        this.options = options;
    }

    /** The windows that count: the last of them. */
    static List<Window> recent(List<Window> windows) {
        return windows.subList(Math.max(0, windows.size() - RECENT), windows.size());
    }

    /** Whether the last windows agree in throughput and latency. */
    boolean isReached(List<Window> windows) {
        return windows.size() >= RECENT
                && agree(windows, Window::perSecond)
                && agree(windows, window -> window.latencyNanos(options.percentile()));
    }

    /** Whether the last windows are all above the threshold: more of them would not be below. */
    boolean isTooSlow(List<Window> windows) {
        return windows.size() >= RECENT && recent(windows).stream().allMatch(this::exceeds);
    }

    /** Whether a window's latency is above the threshold. */
    boolean exceeds(Window window) {
        return options.latencyThresholdMillis() > 0
                && window.latencyNanos(options.percentile())
                        > options.latencyThresholdMillis() * 1e6;
    }

    private boolean agree(List<Window> windows, ToDoubleFunction<Window> value) {
        double least = recent(windows).stream().mapToDouble(value).min().orElse(0);
        double most = recent(windows).stream().mapToDouble(value).max().orElse(0);
        return least > 0 && most <= least * (1 + options.stabilityPercent() / PERCENT);
    }
}
