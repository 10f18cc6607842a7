package io.nereid.server.instances;

import java.util.BitSet;
import java.util.regex.Pattern;

/**
 * Numbers of cores as the system writes them: {@code 0-3,8-9}.
 *
 * @param text the numbers
 */
record CoreSet(String text) {
    /** Most cores that a kernel counts. */
    private static final int LIMIT = 8192;

    private static final Pattern RANGES =
            Pattern.compile("\\d{1,4}(-\\d{1,4})?(,\\d{1,4}(-\\d{1,4})?)*");

    /**
     * @throws IllegalArgumentException if these are no numbers of cores
     */
    CoreSet {
        if (!RANGES.matcher(text).matches() || bits(text).isEmpty()) {
            throw new IllegalArgumentException(
                    "expected numbers of cores such as 0-3 or 0-3,8-9, got '" + text + "'");
        }
    }

    /** The numbers as bits, lowest first. */
    BitSet bits() {
        return bits(text);
    }

    private static BitSet bits(String text) {
        BitSet bits = new BitSet(LIMIT);
        for (String range : text.split(",", -1)) {
            int dash = range.indexOf('-');
            int first = Integer.parseInt(dash < 0 ? range : range.substring(0, dash));
            int last = dash < 0 ? first : Integer.parseInt(range.substring(dash + 1));
            if (first > last || last >= LIMIT) {
                return new BitSet();
            }
            bits.set(first, last + 1);
        }
        return bits;
    }
}
