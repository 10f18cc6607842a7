package io.nereid.protocol.fuzz;

import com.sun.management.ThreadMXBean;
import io.nereid.protocol.CopyMeter;
import io.nereid.protocol.Owned;
import io.nereid.protocol.SlabAllocator;
import io.nereid.protocol.TensorAllocator;
import io.nereid.protocol.TensorBuffer;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.management.ManagementFactory;

/**
 * The memory of one fuzzed input: an allocator that refuses to give more than a multiple of the
 * input's size, and a watch on what the thread takes from the heap. Used by one thread at a time.
 */
public final class BoundedMemory implements TensorAllocator {
    private static final long RECYCLED_BYTES = 1 << 20;

    /** A bracketed zero is two bytes of JSON, and eight as a number; it may be held twice. */
    private static final long NATIVE_PER_BYTE = 8;

    private static final long NATIVE_ALWAYS = 1 << 12;

    /** An empty message in a message is two bytes on the wire, and an object on the heap. */
    private static final long HEAP_PER_BYTE = 512;

    /** Classes are loaded at the first use. */
    private static final long HEAP_ALWAYS = 16 << 20;

    private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private final SlabAllocator allocator = new SlabAllocator(RECYCLED_BYTES, true);
    private long nativeLimit = Long.MAX_VALUE;
    private long allocated;
    private long heapLimit;

    /** Begins with an input of that size. */
    public void begin(int inputSize) {
        nativeLimit = NATIVE_PER_BYTE * inputSize + NATIVE_ALWAYS;
        allocated = 0;
        heapLimit = heapBytes() + HEAP_PER_BYTE * inputSize + HEAP_ALWAYS;
    }

    /** Ends with the input: everything must have been given back, and not too much been taken. */
    public void end() {
        if (allocator.openBlocks() != 0) {
            throw new AssertionError(allocator.openBlocks() + " blocks are still open");
        }
        if (heapBytes() > heapLimit) {
            throw new AssertionError(
                    "took " + (heapBytes() - heapLimit) + " bytes too many from the heap");
        }
    }

    @Override
    public @Owned TensorBuffer allocate(long byteSize) {
        allocated += byteSize;
        if (byteSize < 0 || allocated > nativeLimit) {
            throw new AssertionError(
                    "asks for " + allocated + " bytes of native memory, limit " + nativeLimit);
        }
        return allocator.allocate(byteSize);
    }

    @Override
    public CopyMeter copies() {
        return allocator.copies();
    }

    /** A block with these bytes. */
    public @Owned TensorBuffer block(byte[] bytes, int from, int length) {
        TensorBuffer block = allocate(length);
        MemorySegment.copy(bytes, from, block.segment(), ValueLayout.JAVA_BYTE, 0, length);
        return block;
    }

    private long heapBytes() {
        return threads.getCurrentThreadAllocatedBytes();
    }
}
