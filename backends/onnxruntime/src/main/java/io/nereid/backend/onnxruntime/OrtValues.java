package io.nereid.backend.onnxruntime;

import io.nereid.backend.foreign.NativeFunction;
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
    private final MemorySegment cpuMemory;
    private final MemorySegment allocator;
    private final NativeFunction createTensor;
    private final NativeFunction resizeElement;
    private final NativeFunction stringLength;
    private final NativeFunction stringContent;
    private final NativeFunction releaseMemoryInfo;

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
    OrtValues(OrtTable table, MemorySegment cpuMemory, MemorySegment allocator) {
        this.table = table;
        this.cpuMemory = cpuMemory;
        this.allocator = allocator;
        createTensor =
                table.function(
                        48,
                        ValueLayout.ADDRESS,
                        ValueLayout.ADDRESS,
                        ValueLayout.JAVA_LONG,
                        ValueLayout.JAVA_INT,
                        ValueLayout.ADDRESS);
        resizeElement =
                table.function(
                        252,
                        ValueLayout.ADDRESS,
                        ValueLayout.JAVA_LONG,
                        ValueLayout.JAVA_LONG,
                        ValueLayout.ADDRESS);
        stringLength = table.function(53, ValueLayout.ADDRESS, ValueLayout.ADDRESS);
        stringContent =
                table.function(
                        54,
                        ValueLayout.ADDRESS,
                        ValueLayout.ADDRESS,
                        ValueLayout.JAVA_LONG,
                        ValueLayout.ADDRESS,
                        ValueLayout.JAVA_LONG);
        releaseMemoryInfo = table.release(94);
        createOver = table.address(49);
        typeAndShape = table.address(65);
        elementType = table.address(60);
        rank = table.address(61);
        dims = table.address(62);
        mutableData = table.address(51);
        releaseValue = table.address(96);
        releaseTypeAndShape = table.address(99);
    }

    /** The engine's own allocator, for what it hands out to be freed. */
    MemorySegment allocator() {
        return allocator;
    }

    /**
     * A value that holds a copy of a BYTES tensor.
     *
     * @param shape the shape that the model sees
     */
    @Owned
    MemorySegment ofStrings(Tensor tensor, Shape shape, Scratch scratch, CopyMeter copies) {
        MemorySegment extents = extents(shape, scratch);
        long rankOfShape = shape.rank();
        MemorySegment cell = scratch.allocate(ValueLayout.ADDRESS);
        int type = OrtTypes.number(DataType.BYTES);
        table.check(() ->
                (MemorySegment)
                        createTensor
                                .handle()
                                .invokeExact(allocator, extents, rankOfShape, type, cell));
        MemorySegment value = cell.get(ValueLayout.ADDRESS, 0);
        fill(value, tensor, shape, cell, copies);
        return value;
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
                OrtCalls.createOver(
                        createOver,
                        cpuMemory.address(),
                        data,
                        extents(shape, scratch),
                        OrtTypes.number(type),
                        cell.address()));
        return cell.get(ValueLayout.ADDRESS, 0);
    }

    private static MemorySegment extents(Shape shape, Scratch scratch) {
        MemorySegment extents = scratch.allocate(ValueLayout.JAVA_LONG, shape.rank());
        for (int i = 0; i < shape.rank(); i++) {
            extents.setAtIndex(ValueLayout.JAVA_LONG, i, shape.dim(i));
        }
        return extents;
    }

    private void fill(
            @Owned MemorySegment value,
            Tensor tensor,
            Shape shape,
            MemorySegment cell,
            CopyMeter copies) {
        boolean filled = false;
        try {
            Segments.forEachElement(
                    tensor.buffer().segment(),
                    shape.elementCount(),
                    (index, bytes) -> {
                        long length = bytes.byteSize();
                        table.check(() ->
                                (MemorySegment)
                                        resizeElement
                                                .handle()
                                                .invokeExact(value, index, length, cell));
                        Segments.view(cell.get(ValueLayout.ADDRESS, 0), length).copyFrom(bytes);
                    });
            copies.count(CopyMeter.Site.ENGINE_INPUT, tensor.buffer().byteSize());
            filled = true;
        } finally {
            if (!filled) {
                release(value);
            }
        }
    }

    /** Type and shape of a value. */
    OrtTypeAndShape describe(MemorySegment value, SegmentAllocator scratch) {
        MemorySegment cell = scratch.allocate(ValueLayout.JAVA_LONG);
        table.check(OrtCalls.get(typeAndShape, value.address(), cell.address()));
        long info = cell.get(ValueLayout.JAVA_LONG, 0);
        try {
            return describeInfo(info, scratch);
        } finally {
            OrtCalls.release(releaseTypeAndShape, info);
        }
    }

    /** Type and shape as the engine's description of a tensor holds them, borrowed. */
    OrtTypeAndShape describeInfo(long info, SegmentAllocator scratch) {
        MemorySegment cell = scratch.allocate(ValueLayout.JAVA_LONG);
        table.check(OrtCalls.get(elementType, info, cell.address()));
        int type = cell.get(ValueLayout.JAVA_INT, 0);
        table.check(OrtCalls.get(rank, info, cell.address()));
        long count = cell.get(ValueLayout.JAVA_LONG, 0);
        MemorySegment extents = scratch.allocate(ValueLayout.JAVA_LONG, count);
        table.check(OrtCalls.get(dims, info, extents.address(), count));
        return new OrtTypeAndShape(
                OrtTypes.type(type), Shape.of(extents.toArray(ValueLayout.JAVA_LONG)));
    }

    /** The bytes of a value that holds no strings, where the engine left them; borrowed. */
    MemorySegment data(MemorySegment value, long byteSize, Scratch scratch) {
        MemorySegment cell = scratch.allocate(ValueLayout.ADDRESS);
        table.check(OrtCalls.get(mutableData, value.address(), cell.address()));
        return Segments.view(cell.get(ValueLayout.ADDRESS, 0), byteSize);
    }

    /** The strings of a value in the layout of the wire. */
    @Owned
    TensorBuffer copyStrings(
            MemorySegment value, long count, TensorAllocator target, Scratch scratch) {
        MemorySegment cell = scratch.allocate(ValueLayout.JAVA_LONG);
        table.check(() -> (MemorySegment) stringLength.handle().invokeExact(value, cell));
        long contentSize = cell.get(ValueLayout.JAVA_LONG, 0);
        long prefixes = Math.multiplyExact(count, Integer.BYTES);
        MemorySegment offsets = scratch.allocate(ValueLayout.JAVA_LONG, Math.max(1, count));
        TensorBuffer buffer = target.allocate(prefixes + contentSize);
        boolean filled = false;
        try {
            MemorySegment bytes = buffer.segment();
            MemorySegment content = bytes.asSlice(prefixes);
            table.check(() ->
                    (MemorySegment)
                            stringContent
                                    .handle()
                                    .invokeExact(value, content, contentSize, offsets, count));
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
        OrtCalls.release(releaseValue, value.address());
    }

    @Override
    public void close() {
        releaseMemoryInfo.accept(cpuMemory);
    }
}
