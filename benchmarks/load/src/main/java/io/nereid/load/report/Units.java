package io.nereid.load.report;

import java.util.Locale;

/** Numbers as people read them, in ASCII: containers mostly have no locale. */
final class Units {
    private static final double MICRO = 1e3;
    private static final double MILLI = 1e6;
    private static final double SECOND = 1e9;
    private static final double TENFOLD = 10;
    private static final double HUNDREDFOLD = 100;
    private static final double THOUSANDFOLD = 1000;

    private Units() {}

    /** A time with three digits: {@code 87.4 us}, {@code 1.23 ms}. */
    static String time(double nanos) {
        if (nanos < MILLI) {
            return digits(nanos / MICRO) + " us";
        }
        return nanos < SECOND ? digits(nanos / MILLI) + " ms" : digits(nanos / SECOND) + " s";
    }

    /** The same. */
    static String time(long nanos) {
        return time((double) nanos);
    }

    /** A time without digits that say nothing, for a scale. */
    static String tick(double nanos) {
        return time(nanos).replaceAll("\\.0+ ", " ");
    }

    /** A rate: {@code 12,345}, {@code 87.4}. */
    static String rate(double perSecond) {
        return perSecond >= THOUSANDFOLD
                ? String.format(Locale.ROOT, "%,.0f", perSecond)
                : digits(perSecond);
    }

    /** A count: {@code 12,345}. */
    static String count(long count) {
        return String.format(Locale.ROOT, "%,d", count);
    }

    private static String digits(double value) {
        if (value >= HUNDREDFOLD || value == 0) {
            return String.format(Locale.ROOT, "%.0f", value);
        }
        return String.format(Locale.ROOT, value >= TENFOLD ? "%.1f" : "%.2f", value);
    }
}
