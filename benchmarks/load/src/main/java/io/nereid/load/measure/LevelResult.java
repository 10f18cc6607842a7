package io.nereid.load.measure;

import java.util.List;

/**
 * What was seen under one load.
 *
 * @param window the windows that count, as one
 * @param windows how many those are
 * @param verdict how far it can be trusted
 */
public record LevelResult(Load load, Window window, int windows, Verdict verdict) {

    /** How far a result can be trusted. */
    public enum Verdict {
        /** The last windows agree. */
        STABLE,
        /** The last windows differ, and there were as many as allowed. */
        UNSTABLE,
        /** All requests that were wanted have been sent. */
        COMPLETE,
        /** Latency is above the threshold. */
        TOO_SLOW,
        /** No request was answered. */
        NOTHING
    }

    static LevelResult of(Load load, List<Window> windows, Verdict verdict) {
        List<Window> counted = Stability.recent(windows);
        return new LevelResult(
                load, counted.stream().reduce(Window::plus).orElseThrow(), counted.size(), verdict);
    }
}
