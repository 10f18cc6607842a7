package io.nereid.server.trace;

import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The trace that a client's request belongs to, as W3C Trace Context hands it on (metrics section
 * 12).
 *
 * @param traceId 32 hexadecimal digits
 * @param spanId 16 hexadecimal digits: what the client was doing
 * @param sampled whether the client traces its request
 * @param state the header {@code tracestate}, empty if there is none
 */
public record TraceParent(String traceId, String spanId, boolean sampled, String state) {
    private static final String HEADER = "traceparent";
    private static final String STATE_HEADER = "tracestate";

    private static final int SAMPLED = 1;
    private static final String FORBIDDEN_VERSION = "ff";
    private static final String FIRST_VERSION = "00";
    private static final String NO_TRACE = "0".repeat(32);
    private static final String NO_SPAN = "0".repeat(16);

    /** Later versions may go on behind the flags. */
    private static final Pattern FORM =
            Pattern.compile("([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?");

    /**
     * Reads what a client sent; empty if it sent nothing, or nothing valid.
     *
     * @param headers the first header of a name
     */
    public static Optional<TraceParent> of(Function<String, Optional<String>> headers) {
        Optional<String> text = headers.apply(HEADER);
        return text.isEmpty()
                ? Optional.empty()
                : parse(text.get().strip(), headers.apply(STATE_HEADER).orElse(""));
    }

    private static Optional<TraceParent> parse(String text, String state) {
        Matcher parts = FORM.matcher(text);
        if (!parts.matches()
                || parts.group(1).equals(FORBIDDEN_VERSION)
                || (parts.group(1).equals(FIRST_VERSION) && parts.group(5) != null)
                || parts.group(2).equals(NO_TRACE)
                || parts.group(3).equals(NO_SPAN)) {
            return Optional.empty();
        }
        boolean sampled = (Integer.parseInt(parts.group(4), 16) & SAMPLED) != 0;
        return Optional.of(new TraceParent(parts.group(2), parts.group(3), sampled, state));
    }
}
