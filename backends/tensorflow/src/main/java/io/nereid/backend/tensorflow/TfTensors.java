package io.nereid.backend.tensorflow;

import io.nereid.backend.foreign.NativeCall;
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
import java.lang.foreign.ValueLayout;

/**
 * The engine's tensors: made over a request's memory, and read where the engine left them. May be
 * used from any thread.
 *
 * <p>The engine shares buffers as it likes: an output may be an input, and a variable may keep one.
 * So a tensor holds a reference of its own to the request's memory, which goes when the engine says
 * that it has done with it.
 */
final class TfTensors {
    private static final long STRING_BYTES = 24;

    private final TensorAllocator allocator;
    private final Lending lending;
    private final NativeFunction newTensor;
    private final NativeFunction deleteTensor;
    private final NativeFunction type;
    private final NativeFunction rank;
    private final NativeFunction extent;
    private final NativeFunction byteSize;
    private final NativeFunction data;
    private final NativeFunction stringInit;
    private final NativeFunction stringCopy;
    private final NativeFunction stringData;
    private final NativeFunction stringSize;
    private final NativeFunction stringFree;

    TfTensors(TfLibrary library, TensorAllocator allocator) {
        this.allocator = allocator;
        this.lending = new Lending();
        newTensor =
                library.function(
                        "TF_NewTensor",
                        ValueLayout.ADDRESS,
                        ValueLayout.JAVA_INT,
                        ValueLayout.ADDRESS,
                        ValueLayout.JAVA_INT,
                        ValueLayout.ADDRESS,
                        ValueLayout.JAVA_LONG,
                        ValueLayout.ADDRESS,
                        ValueLayout.JAVA_LONG);
        deleteTensor = library.procedure("TF_DeleteTensor", ValueLayout.ADDRESS);
        type = library.function("TF_TensorType", ValueLayout.JAVA_INT, ValueLayout.ADDRESS);
        rank = library.function("TF_NumDims", ValueLayout.JAVA_INT, ValueLayout.ADDRESS);
        extent =
                library.function(
                        "TF_Dim", ValueLayout.JAVA_LONG, ValueLayout.ADDRESS, ValueLayout.JAVA_INT);
        byteSize =
                library.function("TF_TensorByteSize", ValueLayout.JAVA_LONG, ValueLayout.ADDRESS);
        data = library.function("TF_TensorData", ValueLayout.ADDRESS, ValueLayout.ADDRESS);
        stringInit = library.procedure("TF_StringInit", ValueLayout.ADDRESS);
        stringCopy =
                library.procedure(
                        "TF_StringCopy",
                        ValueLayout.ADDRESS,
                        ValueLayout.ADDRESS,
                        ValueLayout.JAVA_LONG);
        stringData =
                library.function(
                        "TF_StringGetDataPointer", ValueLayout.ADDRESS, ValueLayout.ADDRESS);
        stringSize =
                library.function("TF_StringGetSize", ValueLayout.JAVA_LONG, ValueLayout.ADDRESS);
        stringFree = library.procedure("TF_StringDealloc", ValueLayout.ADDRESS);
    }

    /**
     * An engine's tensor that reads the bytes where they lie, if their address suits the engine,
     * else a copy. Strings are always copied.
     *
     * @param shape the shape that the model sees
     */
    @Owned
    MemorySegment open(Tensor tensor, Shape shape, Scratch scratch) {
        if (tensor.type() == DataType.BYTES) {
            return openStrings(tensor, shape, scratch);
        }
        TensorBuffer aligned = aligned(tensor.buffer());
        return create(tensor.type(), shape, scratch, aligned.segment(), aligned::close);
    }

    /** The engine itself would copy what is not aligned, unseen and into memory not pooled. */
    private @Owned TensorBuffer aligned(TensorBuffer buffer) {
        MemorySegment bytes = buffer.segment();
        if (bytes.address() % TensorAllocator.ALIGNMENT == 0) {
            return buffer.retain();
        }
        TensorBuffer copy = allocator.allocate(bytes.byteSize());
        copy.segment().copyFrom(bytes);
        allocator.copies().count(CopyMeter.Site.ENGINE_INPUT, bytes.byteSize());
        return copy;
    }

    private @Owned MemorySegment openStrings(Tensor tensor, Shape shape, Scratch scratch) {
        long count = shape.elementCount();
        TensorBuffer array = allocator.allocate(Math.multiplyExact(count, STRING_BYTES));
        MemorySegment strings = array.segment();
        for (long i = 0; i < count; i++) {
            stringInit.accept(string(strings, i));
        }
        Runnable end =
                () -> {
                    for (long i = 0; i < count; i++) {
                        stringFree.accept(string(strings, i));
                    }
                    array.close();
                };
        boolean filled = false;
        try {
            Segments.forEachElement(
                    tensor.buffer().segment(),
                    count,
                    (index, bytes) -> copyInto(string(strings, index), bytes));
            allocator.copies().count(CopyMeter.Site.ENGINE_INPUT, tensor.buffer().byteSize());
            filled = true;
        } finally {
            if (!filled) {
                end.run();
            }
        }
        return create(DataType.BYTES, shape, scratch, strings, end);
    }

    private void copyInto(MemorySegment string, MemorySegment bytes) {
        long length = bytes.byteSize();
        MemorySegment _ =
                NativeCall.of(() -> {
                    stringCopy.handle().invokeExact(string, bytes, length);
                    return string;
                });
    }

    private static MemorySegment string(MemorySegment strings, long index) {
        return strings.asSlice(index * STRING_BYTES, STRING_BYTES);
    }

    private @Owned MemorySegment create(
            DataType elementType, Shape shape, Scratch scratch, MemorySegment bytes, Runnable end) {
        MemorySegment dims = scratch.allocateFrom(ValueLayout.JAVA_LONG, shape.toArray());
        int number = TfTypes.number(elementType);
        int dimCount = shape.rank();
        long length = bytes.byteSize();
        MemorySegment release = lending.stub();
        long ticket = lending.lend(end);
        return NativeCall.of(() ->
                (MemorySegment)
                        newTensor
                                .handle()
                                .invokeExact(
                                        number, dims, dimCount, bytes, length, release, ticket));
    }

    /**
     * A tensor of the engine as one of ours. Numbers stay where they are until the last reference
     * is closed, also after the session was; strings are copied.
     *
     * @param value owned from now on
     */
    @Owned
    Tensor take(String name, @Owned MemorySegment value) {
        boolean handedOn = false;
        try {
            Shape shape = shape(value);
            int number = NativeCall.of(() -> (int) type.handle().invokeExact(value));
            DataType elementType = TfTypes.type(number);
            MemorySegment bytes = bytes(value);
            if (elementType == DataType.BYTES) {
                return new Tensor(
                        name, elementType, shape, copyStrings(bytes, shape.elementCount()));
            }
            TensorBuffer buffer = TensorBuffer.wrap(bytes, () -> delete(value));
            handedOn = true;
            return new Tensor(name, elementType, shape, buffer);
        } finally {
            if (!handedOn) {
                delete(value);
            }
        }
    }

    private Shape shape(MemorySegment value) {
        long[] dims = new long[NativeCall.of(() -> (int) rank.handle().invokeExact(value))];
        for (int i = 0; i < dims.length; i++) {
            int index = i;
            dims[i] = NativeCall.of(() -> (long) extent.handle().invokeExact(value, index));
        }
        return Shape.of(dims);
    }

    private MemorySegment bytes(MemorySegment value) {
        long length = NativeCall.of(() -> (long) byteSize.handle().invokeExact(value));
        MemorySegment start = NativeCall.of(() -> (MemorySegment) data.handle().invokeExact(value));
        return Segments.view(start, length);
    }

    private @Owned TensorBuffer copyStrings(MemorySegment strings, long count) {
        long total = 0;
        for (long i = 0; i < count; i++) {
            total += Integer.BYTES + size(string(strings, i));
        }
        TensorBuffer buffer = allocator.allocate(total);
        long offset = 0;
        for (long i = 0; i < count; i++) {
            MemorySegment string = string(strings, i);
            MemorySegment start =
                    NativeCall.of(() -> (MemorySegment) stringData.handle().invokeExact(string));
            offset =
                    Segments.putElement(
                            buffer.segment(), offset, Segments.view(start, size(string)));
        }
        allocator.copies().count(CopyMeter.Site.ENGINE_OUTPUT, total);
        return buffer;
    }

    private long size(MemorySegment string) {
        return NativeCall.of(() -> (long) stringSize.handle().invokeExact(string));
    }

    /** Frees a tensor of the engine. */
    void delete(@Owned MemorySegment value) {
        deleteTensor.accept(value);
    }
}
