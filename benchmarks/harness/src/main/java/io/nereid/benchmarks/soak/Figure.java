package io.nereid.benchmarks.soak;

import java.util.Locale;

/** What a server must not have more and more of. */
enum Figure {
    HEAP("live objects on the heap, MB", 8e6, 1e6),
    NATIVE("native memory of the JVM, MB", 16e6, 1e6),
    RESIDENT("resident size, MB", 32e6, 1e6),
    THREADS("threads", 4, 1),
    DESCRIPTORS("open files and sockets", 16, 1);

    private final String title;
    private final double tolerance;
    private final double unit;

    Figure(String title, double tolerance, double unit) {
        this.title = title;
        this.tolerance = tolerance;
        this.unit = unit;
    }

    String title() {
        return title;
    }

    /** What there may be more at the end than before, where that is more than a twentieth. */
    double tolerance() {
        return tolerance;
    }

    String text(double value) {
        return String.format(Locale.ROOT, "%.0f", value / unit);
    }
}
