package io.nereid.backend.djl.engine;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.nereid.protocol.CopyMeter;
import io.nereid.protocol.DataType;
import io.nereid.protocol.Owned;
import io.nereid.protocol.Shape;
import io.nereid.protocol.Tensor;
import io.nereid.protocol.TensorAllocator;
import io.nereid.protocol.TensorBuffer;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;

/**
 * Tensors as DJL's arrays and back. Texts travel as one character per byte, so that any bytes come
 * through unchanged.
 */
final class NdArrays {
    private static final Charset BYTES = StandardCharsets.ISO_8859_1;
    private static final ValueLayout.OfInt LENGTH =
            ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private NdArrays() {}

    /**
     * An array over the tensor's bytes, or with a copy of them.
     *
     * @param manager frees the array; must do so before the tensor is closed
     */
    static NDArray of(Tensor tensor, NDManager manager, boolean copies, CopyMeter meter) {
        ai.djl.ndarray.types.Shape shape = new ai.djl.ndarray.types.Shape(tensor.shape().toArray());
        MemorySegment bytes = tensor.buffer().segment();
        NDArray array =
                tensor.type() == DataType.BYTES
                        ? manager.create(texts(tensor, bytes), BYTES, shape)
                        : manager.create(
                                direct(tensor.name(), bytes), shape, typeOf(tensor.type()));
        if (tensor.type() == DataType.BYTES) {
            meter.count(CopyMeter.Site.ENGINE_INPUT, bytes.byteSize());
        }
        if (copies) {
            meter.count(CopyMeter.Site.ENGINE_INPUT, bytes.byteSize());
        }
        array.setName(tensor.name());
        return array;
    }

    /** A tensor with a copy of the array's bytes: DJL has no way to lend them. */
    static @Owned Tensor toTensor(String name, NDArray array, TensorAllocator allocator) {
        DataType type = typeOf(array.getDataType(), name);
        Shape shape = Shape.of(array.getShape().getShape());
        TensorBuffer buffer =
                type == DataType.BYTES
                        ? encode(array.toStringArray(BYTES), allocator)
                        : copyOf(array.toByteBuffer(), allocator);
        // Twice: DJL has copied them to the heap before.
        allocator.copies().count(CopyMeter.Site.ENGINE_OUTPUT, buffer.byteSize());
        allocator.copies().count(CopyMeter.Site.ENGINE_OUTPUT, buffer.byteSize());
        return new Tensor(name, type, shape, buffer);
    }

    private static ByteBuffer direct(String name, MemorySegment bytes) {
        if (bytes.byteSize() > Integer.MAX_VALUE) {
            throw new IllegalArgumentException(
                    "input '"
                            + name
                            + "' has "
                            + bytes.byteSize()
                            + " bytes, DJL takes at most "
                            + Integer.MAX_VALUE);
        }
        return bytes.asByteBuffer().order(ByteOrder.nativeOrder());
    }

    private static String[] texts(Tensor tensor, MemorySegment bytes) {
        String[] texts = new String[Math.toIntExact(tensor.shape().elementCount())];
        long offset = 0;
        for (int i = 0; i < texts.length; i++) {
            int length = bytes.get(LENGTH, offset);
            byte[] text =
                    bytes.asSlice(offset + Integer.BYTES, length).toArray(ValueLayout.JAVA_BYTE);
            texts[i] = new String(text, BYTES);
            offset += Integer.BYTES + length;
        }
        return texts;
    }

    private static @Owned TensorBuffer encode(String[] texts, TensorAllocator allocator) {
        long byteSize = 0;
        for (String text : texts) {
            byteSize += Integer.BYTES + text.length();
        }
        TensorBuffer buffer = allocator.allocate(byteSize);
        MemorySegment target = buffer.segment();
        long offset = 0;
        for (String text : texts) {
            target.set(LENGTH, offset, text.length());
            MemorySegment.copy(
                    MemorySegment.ofArray(text.getBytes(BYTES)),
                    0,
                    target,
                    offset + Integer.BYTES,
                    text.length());
            offset += Integer.BYTES + text.length();
        }
        return buffer;
    }

    private static @Owned TensorBuffer copyOf(ByteBuffer bytes, TensorAllocator allocator) {
        TensorBuffer buffer = allocator.allocate(bytes.remaining());
        buffer.segment().copyFrom(MemorySegment.ofBuffer(bytes));
        return buffer;
    }

    private static ai.djl.ndarray.types.DataType typeOf(DataType type) {
        return switch (type) {
            case BOOL -> ai.djl.ndarray.types.DataType.BOOLEAN;
            case UINT8 -> ai.djl.ndarray.types.DataType.UINT8;
            case UINT16 -> ai.djl.ndarray.types.DataType.UINT16;
            case UINT32 -> ai.djl.ndarray.types.DataType.UINT32;
            case UINT64 -> ai.djl.ndarray.types.DataType.UINT64;
            case INT8 -> ai.djl.ndarray.types.DataType.INT8;
            case INT16 -> ai.djl.ndarray.types.DataType.INT16;
            case INT32 -> ai.djl.ndarray.types.DataType.INT32;
            case INT64 -> ai.djl.ndarray.types.DataType.INT64;
            case FP16 -> ai.djl.ndarray.types.DataType.FLOAT16;
            case FP32 -> ai.djl.ndarray.types.DataType.FLOAT32;
            case FP64 -> ai.djl.ndarray.types.DataType.FLOAT64;
            case BF16 -> ai.djl.ndarray.types.DataType.BFLOAT16;
            case BYTES -> ai.djl.ndarray.types.DataType.STRING;
            case INVALID -> ai.djl.ndarray.types.DataType.UNKNOWN;
        };
    }

    private static DataType typeOf(ai.djl.ndarray.types.DataType type, String name) {
        for (DataType candidate : DataType.values()) {
            if (candidate != DataType.INVALID && typeOf(candidate) == type) {
                return candidate;
            }
        }
        throw new IllegalStateException("output '" + name + "' has DJL's type " + type);
    }
}
