package io.nereid.backend.scheduler.sequence;

import io.nereid.backend.BatchClose;
import java.util.List;
import java.util.Optional;

/**
 * What an idle instance does: execute a batch, or wait if there is none.
 *
 * @param rows the batch, of one request at least; empty places are filled with padding
 * @param close why there are not more of them
 * @param waitNanos longest time to wait if the batch is empty
 */
public record Choice(List<Optional<Turn>> rows, BatchClose close, long waitNanos) {
    /** Longest wait that means "until something changes". */
    public static final long FOREVER = Long.MAX_VALUE;

    /** Nothing can be executed before something changes. */
    public static Choice nothing() {
        return await(FOREVER);
    }

    /** It is better to wait. */
    public static Choice await(long nanos) {
        return new Choice(List.of(), BatchClose.SEQUENCE, nanos);
    }
}
