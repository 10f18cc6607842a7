package io.nereid.load.report;

import io.nereid.load.measure.Load;
import java.io.PrintWriter;

/** One line on a terminal that is written over and over while something is measured. */
public final class ProgressLine {
    private static final double NANOS = 1e9;
    private static final String ERASE = "\r\033[K";

    private final PrintWriter out;
    private final boolean terminal;
    private boolean shown;

    /**
     * A line.
     *
     * @param terminal whether anybody sees it; if not, nothing is written
     */
    public ProgressLine(PrintWriter out, boolean terminal) {
        this.out = out;
        this.terminal = terminal;
    }

    /** Writes what goes on; window 0 is the warm-up. */
    public void show(Load load, int window, long nanos, long answers) {
        if (terminal && nanos > 0) {
            out.printf(
                    "%s%s, %s, %s: %s requests/s",
                    ERASE,
                    load.describe(),
                    window == 0 ? "warm-up" : "window " + window,
                    Units.time(nanos),
                    Units.rate(answers * NANOS / nanos));
            out.flush();
            shown = true;
        }
    }

    /** Takes the line away before something else is written. */
    public void clear() {
        if (shown) {
            out.print(ERASE);
            out.flush();
            shown = false;
        }
    }
}
