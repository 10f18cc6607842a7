package io.nereid.backend.onnxruntime;

import io.nereid.backend.foreign.Scratch;
import io.nereid.backend.foreign.Segments;
import io.nereid.protocol.CopyMeter;
import io.nereid.protocol.DataType;
import io.nereid.protocol.Owned;
import io.nereid.protocol.Shape;
import io.nereid.protocol.Tensor;
import io.nereid.protocol.TensorAllocator;
import io.nereid.protocol.TensorBuffer;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.foreign.ValueLayout;

/**
 * The engine's tensors: made over a request's memory, and read where the engine left them. Values
 * are pointers that whoever made them releases. May be used from any thread.
 */
final class OrtValues implements AutoCloseable {
    private final OrtTable table;
    private final long cpuMemory;
    private final long allocator;

    // Called for every execution.
    private final MemorySegment createOver;
    private final MemorySegment typeAndShape;
    private final MemorySegment elementType;
    private final MemorySegment rank;
    private final MemorySegment dims;
    private final MemorySegment mutableData;
    private final MemorySegment releaseValue;
    private final MemorySegment releaseTypeAndShape;

    /**
     * @param cpuMemory description of the CPU's memory, owned from now on
     * @param allocator the engine's allocator for strings, never released
     */
    OrtValues(OrtTable table, long cpuMemory, long allocator) {
        this.table = table;
        this.cpuMemory = cpuMemory;
        this.allocator = allocator;
        createOver = table.function(49);
        typeAndShape = table.function(65);
        elementType = table.function(60);
        rank = table.function(61);
        dims = table.function(62);
        mutableData = table.function(51);
        releaseValue = table.function(96);
        releaseTypeAndShape = table.function(99);
    }

    /** The engine's own allocator, for what it hands out to be freed. */
    long allocator() {
        return allocator;
    }

    /**
     * A value that holds a copy of a BYTES tensor.
     *
     * @param shape the shape that the model sees
     */
    @Owned
    MemorySegment ofStrings(Tensor tensor, Shape shape, Scratch scratch, CopyMeter copies) {
        long value =
                table.get(
                        48,
                        allocator,
                        extents(shape, scratch).address(),
                        shape.rank(),
                        OrtTypes.number(DataType.BYTES));
        fill(value, tensor, shape, copies);
        return MemorySegment.ofAddress(value);
    }

    /**
     * A value over memory that stays the caller's, and must be valid while a run uses the value.
     *
     * @param type a type of fixed size
     * @param shape the shape that the model sees
     */
    @Owned
    MemorySegment over(MemorySegment data, DataType type, Shape shape, Scratch scratch) {
        MemorySegment cell = scratch.allocate(ValueLayout.ADDRESS);
        table.check(
                OrtCalls.call(
                        createOver,
                        cpuMemory,
                        data.address(),
                        data.byteSize(),
                        extents(shape, scratch).address(),
                        shape.rank(),
                        OrtTypes.number(type),
                        cell.address(),
                        0));
        return cell.get(ValueLayout.ADDRESS, 0);
    }

    private static MemorySegment extents(Shape shape, Scratch scratch) {
        MemorySegment extents = scratch.allocate(ValueLayout.JAVA_LONG, shape.rank());
        for (int i = 0; i < shape.rank(); i++) {
            extents.setAtIndex(ValueLayout.JAVA_LONG, i, shape.dim(i));
        }
        return extents;
    }

    private void fill(@Owned long value, Tensor tensor, Shape shape, CopyMeter copies) {
        boolean filled = false;
        try {
            Segments.forEachElement(
                    tensor.buffer().segment(),
                    shape.elementCount(),
                    (index, bytes) -> {
                        long length = bytes.byteSize();
                        long element = table.get(252, value, index, length);
                        Segments.view(MemorySegment.ofAddress(element), length).copyFrom(bytes);
                    });
            copies.count(CopyMeter.Site.ENGINE_INPUT, tensor.buffer().byteSize());
            filled = true;
        } finally {
            if (!filled) {
                release(MemorySegment.ofAddress(value));
            }
        }
    }

    /** Type and shape of a value. */
    OrtTypeAndShape describe(MemorySegment value, SegmentAllocator scratch) {
        MemorySegment cell = scratch.allocate(ValueLayout.JAVA_LONG);
        table.check(OrtCalls.call(typeAndShape, value.address(), cell.address(), 0, 0));
        long info = cell.get(ValueLayout.JAVA_LONG, 0);
        try {
            return describeInfo(info, scratch);
        } finally {
            OrtCalls.call(releaseTypeAndShape, info, 0, 0, 0);
        }
    }

    /** Type and shape as the engine's description of a tensor holds them, borrowed. */
    OrtTypeAndShape describeInfo(long info, SegmentAllocator scratch) {
        MemorySegment cell = scratch.allocate(ValueLayout.JAVA_LONG);
        table.check(OrtCalls.call(elementType, info, cell.address(), 0, 0));
        int type = cell.get(ValueLayout.JAVA_INT, 0);
        table.check(OrtCalls.call(rank, info, cell.address(), 0, 0));
        long count = cell.get(ValueLayout.JAVA_LONG, 0);
        MemorySegment extents = scratch.allocate(ValueLayout.JAVA_LONG, count);
        table.check(OrtCalls.call(dims, info, extents.address(), count, 0));
        return new OrtTypeAndShape(
                OrtTypes.type(type), Shape.of(extents.toArray(ValueLayout.JAVA_LONG)));
    }

    /** The bytes of a value that holds no strings, where the engine left them; borrowed. */
    MemorySegment data(MemorySegment value, long byteSize, Scratch scratch) {
        MemorySegment cell = scratch.allocate(ValueLayout.ADDRESS);
        table.check(OrtCalls.call(mutableData, value.address(), cell.address(), 0, 0));
        return Segments.view(cell.get(ValueLayout.ADDRESS, 0), byteSize);
    }

    /** The strings of a value in the layout of the wire. */
    @Owned
    TensorBuffer copyStrings(
            MemorySegment value, long count, TensorAllocator target, Scratch scratch) {
        long contentSize = table.get(53, value.address());
        long prefixes = Math.multiplyExact(count, Integer.BYTES);
        MemorySegment offsets = scratch.allocate(ValueLayout.JAVA_LONG, Math.max(1, count));
        TensorBuffer buffer = target.allocate(prefixes + contentSize);
        boolean filled = false;
        try {
            MemorySegment bytes = buffer.segment();
            MemorySegment content = bytes.asSlice(prefixes);
            table.call(
                    54, value.address(), content.address(), contentSize, offsets.address(), count);
            interleave(bytes, content, offsets, count);
            target.copies().count(CopyMeter.Site.ENGINE_OUTPUT, bytes.byteSize());
            filled = true;
            return buffer;
        } finally {
            if (!filled) {
                buffer.close();
            }
        }
    }

    /** Moves the strings, which lie at the end of their block, between their lengths. */
    private static void interleave(
            MemorySegment bytes, MemorySegment content, MemorySegment offsets, long count) {
        long target = 0;
        for (long i = 0; i < count; i++) {
            long start = offsets.getAtIndex(ValueLayout.JAVA_LONG, i);
            long end =
                    i + 1 < count
                            ? offsets.getAtIndex(ValueLayout.JAVA_LONG, i + 1)
                            : content.byteSize();
            target = Segments.putElement(bytes, target, content.asSlice(start, end - start));
        }
    }

    /** Frees a value. */
    void release(@Owned MemorySegment value) {
        OrtCalls.call(releaseValue, value.address(), 0, 0, 0);
    }

    @Override
    public void close() {
        table.release(94, cpuMemory);
    }
}
