package io.nereid.server.netty;

import io.nereid.server.Admission;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The room that one request takes of {@link Admission}. Given back when both the exchange has been
 * answered and the memory of its body is free. May be used from any thread.
 */
final class BodyTicket {
    private final Admission admission;
    private final AtomicLong bytes = new AtomicLong();
    private final AtomicInteger holders = new AtomicInteger(1);

    BodyTicket(Admission admission) {
        this.admission = admission;
    }

    /**
     * Takes more room.
     *
     * @throws io.nereid.protocol.StatusException if there is none; what was taken before is kept
     */
    void reserve(long more) {
        admission.reserve(more);
        bytes.addAndGet(more);
    }

    /** Gives a part back before the end; only for a holder. */
    void giveBack(long part) {
        bytes.addAndGet(-part);
        admission.release(part);
    }

    /** One more holder. */
    void retain() {
        holders.incrementAndGet();
    }

    /** One holder less; with the last one the room is given back. */
    void release() {
        int left = holders.decrementAndGet();
        if (left == 0) {
            admission.release(bytes.get());
        } else if (left < 0) {
            throw new IllegalStateException("admission ticket released too often");
        }
    }
}
