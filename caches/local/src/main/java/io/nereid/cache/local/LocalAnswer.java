package io.nereid.cache.local;

import io.nereid.protocol.CopyMeter;
import io.nereid.protocol.DataType;
import io.nereid.protocol.Owned;
import io.nereid.protocol.Shape;
import io.nereid.protocol.Tensor;
import io.nereid.protocol.TensorAllocator;
import io.nereid.protocol.TensorBuffer;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A kept answer: all its outputs in one block. The cache holds it from its insertion until it has
 * to go, and each look-up while it takes the outputs out; the last hold gives the block back.
 * Outputs that were taken out are references of their own. Any thread.
 */
final class LocalAnswer {
    /** What an answer takes besides its bytes, as far as it is counted. */
    private static final long ANSWER_BYTES = 64;

    /** What an output takes besides its bytes, as far as it is counted. */
    private static final long OUTPUT_BYTES = 64;

    private record Part(String name, DataType type, Shape shape, long offset, long byteSize) {}

    private final TensorBuffer block;
    private final List<Part> parts;
    private final long byteSize;
    private final AtomicInteger holds = new AtomicInteger(1);

    private LocalAnswer(@Owned TensorBuffer block, List<Part> parts, long byteSize) {
        this.block = block;
        this.parts = parts;
        this.byteSize = byteSize;
    }

    /** Bytes that an answer of these outputs takes. */
    static long sizeOf(List<Tensor> outputs) {
        long sum = ANSWER_BYTES;
        for (Tensor output : outputs) {
            sum += OUTPUT_BYTES + output.buffer().byteSize();
        }
        return sum;
    }

    /**
     * Copies outputs; held once.
     *
     * @throws io.nereid.protocol.StatusException UNAVAILABLE if there is no memory for it
     */
    static @Owned LocalAnswer copyOf(List<Tensor> outputs, TensorAllocator allocator) {
        List<Part> parts = new ArrayList<>(outputs.size());
        long end = 0;
        for (Tensor output : outputs) {
            long bytes = output.buffer().byteSize();
            parts.add(new Part(output.name(), output.type(), output.shape(), end, bytes));
            end += aligned(bytes);
        }
        TensorBuffer block = allocator.allocate(end);
        for (int i = 0; i < parts.size(); i++) {
            Part part = parts.get(i);
            MemorySegment.copy(
                    outputs.get(i).buffer().segment(),
                    0,
                    block.segment(),
                    part.offset(),
                    part.byteSize());
            allocator.copies().count(CopyMeter.Site.CACHE, part.byteSize());
        }
        return new LocalAnswer(block, List.copyOf(parts), sizeOf(outputs));
    }

    private static long aligned(long bytes) {
        return (bytes + TensorAllocator.ALIGNMENT - 1) & -TensorAllocator.ALIGNMENT;
    }

    /** What it takes, as counted. */
    long byteSize() {
        return byteSize;
    }

    /** Holds it once more; false if nobody does any more. */
    boolean tryHold() {
        return holds.getAndUpdate(n -> n == 0 ? 0 : n + 1) > 0;
    }

    /** The outputs, while it is held. */
    @Owned
    List<Tensor> outputs() {
        List<Tensor> outputs = new ArrayList<>(parts.size());
        for (Part part : parts) {
            outputs.add(
                    new Tensor(
                            part.name(),
                            part.type(),
                            part.shape(),
                            block.slice(part.offset(), part.byteSize())));
        }
        return outputs;
    }

    /** Gives a hold up. */
    void release() {
        if (holds.decrementAndGet() == 0) {
            block.close();
        }
    }
}
