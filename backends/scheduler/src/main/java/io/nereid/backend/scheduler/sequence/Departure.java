package io.nereid.backend.scheduler.sequence;

import io.nereid.backend.Batch;
import io.nereid.backend.FailureReason;
import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;

/**
 * A request that left its sequence unexecuted; to be closed and failed.
 *
 * @param item the request
 * @param reason why it failed
 * @param status what its client is told
 */
public record Departure(Batch.Item item, FailureReason reason, StatusException status) {
    /** A request of a sequence whose client went away, or gave it no more time. */
    static Departure cancelled(Turn turn) {
        StatusException reason =
                turn.request()
                        .cancellation()
                        .orElseGet(() -> new StatusException(StatusCode.CANCELLED, ""));
        return new Departure(turn.item(), FailureReason.ofCancellation(reason), reason);
    }

    /** A request of a sequence that got no slot in time. */
    static Departure expired(Turn turn) {
        return new Departure(
                turn.item(),
                FailureReason.REJECTED,
                new StatusException(
                        StatusCode.UNAVAILABLE,
                        "timeout of the corresponding sequence has been expired"));
    }
}
