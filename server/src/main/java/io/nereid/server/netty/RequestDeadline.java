package io.nereid.server.netty;

import io.nereid.protocol.InferenceRequest;
import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * How long a client waits for its answer, if its request says so. The time runs from the head of
 * the request on. A request that still waits when it is over is answered 504 and never executed; so
 * is an ensemble between two steps. What executes already is answered as if there were no limit.
 *
 * <p>The parameter {@code timeout} is something else: it limits the wait in one queue, and only
 * where the model's configuration lets it. Immutable; used on event loops.
 */
final class RequestDeadline {
    /** Whole milliseconds. */
    static final String HEADER = "X-Request-Timeout-Ms";

    private static final long LONGEST_MILLIS = TimeUnit.DAYS.toMillis(1);
    private static final int DIGITS = 9;

    private final LongSupplier nanoTime;
    private final long dueNanos;

    private RequestDeadline(LongSupplier nanoTime, long dueNanos) {
        this.nanoTime = nanoTime;
        this.dueNanos = dueNanos;
    }

    /**
     * The deadline of a request whose head has just come; empty if it has none.
     *
     * @throws StatusException INVALID_ARG if the header is no time
     */
    static Optional<RequestDeadline> of(HttpHead head, LongSupplier nanoTime) {
        return head.header(HEADER)
                .map(text ->
                        new RequestDeadline(
                                nanoTime,
                                nanoTime.getAsLong()
                                        + TimeUnit.MILLISECONDS.toNanos(millis(text.strip()))));
    }

    private static long millis(String text) {
        boolean digits =
                !text.isEmpty()
                        && text.length() <= DIGITS
                        && text.chars().allMatch(c -> c >= '0' && c <= '9');
        long millis = digits ? Long.parseLong(text) : 0;
        if (millis < 1 || millis > LONGEST_MILLIS) {
            throw StatusException.invalidArgument(
                    "header "
                            + HEADER
                            + " must be a whole number of milliseconds from 1 to "
                            + LONGEST_MILLIS
                            + ", got: "
                            + text);
        }
        return millis;
    }

    /** Limits a request that is about to be handed on. */
    void limit(HttpExchange exchange, InferenceRequest request) {
        long left = dueNanos - nanoTime.getAsLong();
        if (left <= 0) {
            expire(request);
        } else {
            exchange.limit(left, () -> expire(request));
        }
    }

    private static void expire(InferenceRequest request) {
        request.cancel(
                new StatusException(StatusCode.DEADLINE_EXCEEDED, "Request timeout expired"));
    }
}
