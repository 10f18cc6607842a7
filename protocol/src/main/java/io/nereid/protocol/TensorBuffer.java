package io.nereid.protocol;

import java.lang.foreign.MemorySegment;

/**
 * A counted reference to native memory that holds tensor bytes: little-endian, row-major, packed
 * (HTTP protocol section 12.1).
 *
 * <p>Whoever holds a reference closes it exactly once; with the last one the memory goes back to
 * where it came from. May be used from any thread; handing a reference to another thread needs the
 * usual safe publication.
 */
public interface TensorBuffer extends AutoCloseable {
    /**
     * Wraps native memory without a copy.
     *
     * @param segment native memory
     * @param release called once, with the last reference, on the thread that closes it
     */
    static @Owned TensorBuffer wrap(MemorySegment segment, Runnable release) {
        return new CountedBuffer(segment, release);
    }

    /**
     * View of the bytes. Valid while the caller's reference is open.
     *
     * @throws IllegalStateException if every reference is closed
     */
    MemorySegment segment();

    /** Size in bytes. */
    long byteSize();

    /** One more reference to the same bytes. */
    @Owned
    TensorBuffer retain();

    /** A reference to a part of these bytes, independent of this reference's life. */
    @Owned
    TensorBuffer slice(long offset, long byteSize);

    /**
     * Gives this reference back.
     *
     * @throws IllegalStateException if every reference is closed already
     */
    @Override
    void close();
}
