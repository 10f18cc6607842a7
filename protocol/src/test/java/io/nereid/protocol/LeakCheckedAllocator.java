package io.nereid.protocol;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * The allocator of a test: fails the test if a block is still open at its end, naming the place
 * where it was allocated. Register it with {@code @RegisterExtension}.
 */
public final class LeakCheckedAllocator
        implements TensorAllocator, BeforeEachCallback, AfterEachCallback {
    private static final long RECYCLED_BYTES = 8 << 20;

    private SlabAllocator allocator = new SlabAllocator(RECYCLED_BYTES, true);

    @Override
    public void beforeEach(ExtensionContext context) {
        allocator = new SlabAllocator(RECYCLED_BYTES, true);
    }

    @Override
    public void afterEach(ExtensionContext context) {
        allocator.close();
    }

    @Override
    public TensorBuffer allocate(long byteSize) {
        return allocator.allocate(byteSize);
    }

    @Override
    public CopyMeter copies() {
        return allocator.copies();
    }

    /** Blocks that are open now. */
    public long openBlocks() {
        return allocator.openBlocks();
    }

    /** Bytes of the blocks that are open now. */
    public long openBytes() {
        return allocator.openBytes();
    }

    /** A block with these bytes. */
    public @Owned TensorBuffer bytes(byte... content) {
        TensorBuffer buffer = allocate(content.length);
        MemorySegment.copy(content, 0, buffer.segment(), ValueLayout.JAVA_BYTE, 0, content.length);
        return buffer;
    }

    /** An FP32 tensor with these values. */
    public @Owned Tensor fp32(String name, Shape shape, float... values) {
        TensorBuffer buffer = allocate(4L * values.length);
        MemorySegment.copy(values, 0, buffer.segment(), ValueLayout.JAVA_FLOAT, 0, values.length);
        return new Tensor(name, DataType.FP32, shape, buffer);
    }

    /** An INT32 tensor with these values. */
    public @Owned Tensor int32(String name, Shape shape, int... values) {
        TensorBuffer buffer = allocate(4L * values.length);
        MemorySegment.copy(values, 0, buffer.segment(), ValueLayout.JAVA_INT, 0, values.length);
        return new Tensor(name, DataType.INT32, shape, buffer);
    }

    /** A BYTES tensor with these texts as UTF-8, in the layout of the wire. */
    public @Owned Tensor texts(String name, Shape shape, String... texts) {
        List<byte[]> elements =
                List.of(texts).stream().map(t -> t.getBytes(StandardCharsets.UTF_8)).toList();
        TensorBuffer buffer = allocate(elements.stream().mapToLong(e -> 4L + e.length).sum());
        ValueLayout.OfInt length =
                ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
        long offset = 0;
        for (byte[] element : elements) {
            buffer.segment().set(length, offset, element.length);
            MemorySegment.copy(
                    element,
                    0,
                    buffer.segment(),
                    ValueLayout.JAVA_BYTE,
                    offset + 4,
                    element.length);
            offset += 4 + element.length;
        }
        return new Tensor(name, DataType.BYTES, shape, buffer);
    }
}
