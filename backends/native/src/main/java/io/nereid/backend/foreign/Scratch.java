package io.nereid.backend.foreign;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import org.jspecify.annotations.Nullable;

/**
 * Native memory for the arguments of one call after the other, so that calls allocate nothing: what
 * was handed out before {@link #reset} is used again. Contents are not cleared. Used by one thread
 * at a time.
 */
public final class Scratch implements SegmentAllocator, AutoCloseable {
    private final Arena arena = Arena.ofShared();
    private final MemorySegment block;
    private long used;
    private @Nullable Arena overflow;

    /**
     * @param byteSize what an ordinary call needs; more than that comes from the system
     */
    public Scratch(long byteSize) {
        block = arena.allocate(byteSize, Long.BYTES);
    }

    /** Takes back all that was handed out. */
    public void reset() {
        used = 0;
        if (overflow != null) {
            overflow.close();
            overflow = null;
        }
    }

    @Override
    public MemorySegment allocate(long byteSize, long byteAlignment) {
        long start = Math.ceilDiv(used, byteAlignment) * byteAlignment;
        if (byteAlignment <= Long.BYTES && byteSize <= block.byteSize() - start) {
            used = start + byteSize;
            return block.asSlice(start, byteSize);
        }
        if (overflow == null) {
            overflow = Arena.ofShared();
        }
        return overflow.allocate(byteSize, byteAlignment);
    }

    @Override
    public void close() {
        reset();
        arena.close();
    }
}
