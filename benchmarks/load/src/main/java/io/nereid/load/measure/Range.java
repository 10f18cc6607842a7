package io.nereid.load.measure;

import io.nereid.protocol.StatusException;
import java.util.ArrayList;
import java.util.List;

/**
 * {@code start:end:step}.
 *
 * @param end 0 for no end
 */
public record Range(double start, double end, double step) {

    /**
     * Reads a range; {@code end} is {@code start} and {@code step} is 1 if they are left out.
     *
     * @throws StatusException INVALID_ARG if it is none
     */
    public static Range parse(String option, String text) {
        List<Double> parts = new ArrayList<>();
        for (String part : text.split(":", -1)) {
            try {
                parts.add(Double.parseDouble(part));
            } catch (NumberFormatException e) {
                throw refused(option, text);
            }
        }
        double start = parts.getFirst();
        double end = parts.size() > 1 ? parts.get(1) : start;
        double step = parts.size() > 2 ? parts.get(2) : 1;
        boolean ordered = end == 0 || end >= start;
        if (parts.size() > 3 || start <= 0 || step <= 0 || !ordered) {
            throw refused(option, text);
        }
        return new Range(start, end, step);
    }

    /** Whether only what is measured can end it. */
    public boolean isOpenEnded() {
        return end == 0;
    }

    /** The {@code index}-th value. */
    public double value(int index) {
        return start + index * step;
    }

    /** Whether there is an {@code index}-th value. */
    public boolean contains(int index) {
        return isOpenEnded() || value(index) <= end;
    }

    private static StatusException refused(String option, String text) {
        return StatusException.invalidArgument(
                option
                        + " takes start:end:step with start above 0 and end not below start, or 0 for"
                        + " no end; got '"
                        + text
                        + "'");
    }
}
