package io.nereid.server.grpc;

import java.util.concurrent.atomic.AtomicLong;

/**
 * Bounds the bytes of replies that wait in streams because their clients read too slowly. May be
 * used from any thread; never blocks.
 */
final class ReplyRoom {
    private final long maxBytes;
    private final long maxBytesOfStream;
    private final AtomicLong held = new AtomicLong();

    /**
     * @param maxBytes most bytes that wait in all streams
     * @param maxBytesOfStream most bytes that wait in one
     */
    ReplyRoom(long maxBytes, long maxBytesOfStream) {
        this.maxBytes = maxBytes;
        this.maxBytesOfStream = maxBytesOfStream;
    }

    /** The room of one stream. */
    Share share() {
        return new Share();
    }

    /** Bytes that wait in all streams. */
    long heldBytes() {
        return held.get();
    }

    /** What one stream holds. A stream that holds nothing may always take room for one reply. */
    final class Share {
        private final AtomicLong mine = new AtomicLong();

        /** Takes room; false, with none taken, if there is not so much. */
        boolean take(long byteSize) {
            long before = mine.getAndAdd(byteSize);
            long all = held.addAndGet(byteSize);
            if (before == 0 || (before + byteSize <= maxBytesOfStream && all <= maxBytes)) {
                return true;
            }
            give(byteSize);
            return false;
        }

        /** Gives back what {@link #take} took. */
        void give(long byteSize) {
            mine.addAndGet(-byteSize);
            held.addAndGet(-byteSize);
        }

        /** Whether so much waits that no further requests should be read. */
        boolean isHalfFull() {
            return mine.get() > maxBytesOfStream / 2;
        }

        /** The most that may wait. */
        long maxBytes() {
            return maxBytesOfStream;
        }
    }
}
