package io.nereid.server.statistics;

import io.nereid.protocol.InferenceResponse;
import io.nereid.protocol.Owned;
import io.nereid.protocol.ResponseSender;
import io.nereid.protocol.StatusException;
import io.nereid.server.measures.VersionMeasures;
import java.util.function.LongSupplier;

/**
 * Measures how long a request waits for its first response, be it an error (metrics section 6).
 * What is refused on the thread that asks was not let in: it is not measured, or a full queue would
 * look like quick answers. Used by one thread at a time.
 */
final class FirstResponseTimer implements ResponseSender {
    private final ResponseSender next;
    private final VersionMeasures measures;
    private final LongSupplier nanoTime;
    private final long start;
    private final Thread asker = Thread.currentThread();

    // Read by the asker alone.
    private boolean asking = true;
    private boolean responded;

    /** A request that the calling thread hands to its model now. */
    FirstResponseTimer(ResponseSender next, VersionMeasures measures, LongSupplier nanoTime) {
        this.next = next;
        this.measures = measures;
        this.nanoTime = nanoTime;
        this.start = nanoTime.getAsLong();
    }

    /** The model has taken the request, or has refused it already. */
    void asked() {
        asking = false;
    }

    @Override
    public void send(@Owned InferenceResponse response, boolean last) {
        respond();
        next.send(response, last);
    }

    @Override
    public void complete() {
        respond();
        next.complete();
    }

    @Override
    public void fail(StatusException status) {
        boolean refused = Thread.currentThread().equals(asker) && asking;
        if (!refused) {
            respond();
        }
        next.fail(status);
    }

    private void respond() {
        if (!responded) {
            responded = true;
            measures.firstResponse(nanoTime.getAsLong() - start);
        }
    }
}
