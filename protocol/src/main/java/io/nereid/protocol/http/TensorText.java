package io.nereid.protocol.http;

import io.nereid.protocol.Shape;
import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Writes a tensor's elements as one flat JSON array (HTTP protocol section 13). */
final class TensorText {
    /** Elements between two looks at the room that is left. */
    private static final int RUN = 1024;

    private TensorText() {}

    /** About how many bytes the text will take. */
    static long expectedLength(Tensor tensor) {
        long bytes = tensor.buffer().byteSize();
        return switch (tensor.type()) {
            case BOOL -> 6 * bytes;
            case UINT8, INT8 -> 4 * bytes;
            case UINT16, INT16, UINT32, INT32 -> 3 * bytes;
            case FP32 -> 5 * bytes;
            case UINT64, INT64, FP64 -> 5 * bytes / 2;
            case FP16, BF16 -> 6 * bytes;
            case BYTES, INVALID -> bytes + bytes / 8;
        };
    }

    /**
     * Writes the tensor's elements.
     *
     * @throws StatusException INVALID_ARG if the type has no JSON form, INTERNAL if the bytes do
     *     not match the shape
     */
    static void write(JsonWriter writer, Tensor tensor) {
        writer.raw("[");
        elements(writer, tensor);
        writer.endArray();
    }

    /**
     * Writes a single element without brackets, everything else as {@link #write} does (HTTP
     * protocol section 16).
     *
     * @throws StatusException as {@link #write}
     */
    static void writeBare(JsonWriter writer, Tensor tensor) {
        if (elementCount(tensor) == 1) {
            elements(writer, tensor);
            writer.dropComma();
        } else {
            write(writer, tensor);
        }
    }

    /** Writes elements with a comma behind each. */
    private static void elements(JsonWriter writer, Tensor tensor) {
        switch (tensor.type()) {
            case INVALID ->
                    throw StatusException.invalidArgument(
                            "sending "
                                    + tensor.type().wireName()
                                    + " data via JSON is not supported. Please use the binary data"
                                    + " format for output");
            case BYTES -> strings(writer, tensor);
            case BOOL,
                    UINT8,
                    UINT16,
                    UINT32,
                    UINT64,
                    INT8,
                    INT16,
                    INT32,
                    INT64,
                    FP16,
                    BF16,
                    FP32,
                    FP64 ->
                    numbers(writer, tensor);
        }
    }

    private static void numbers(JsonWriter writer, Tensor tensor) {
        MemorySegment bytes = tensor.buffer().segment();
        long count = elementCount(tensor);
        if (count < 0
                || count != bytes.byteSize() / tensor.type().byteSize()
                || bytes.byteSize() % tensor.type().byteSize() != 0) {
            throw mismatch("Failed to write 'data' field: ", tensor);
        }
        for (long from = 0; from < count; from += RUN) {
            long to = Math.min(count, from + RUN);
            writer.reserve((to - from) * JsonWriter.MAX_NUMBER);
            run(writer, tensor, bytes, from, to);
        }
    }

    private static void run(
            JsonWriter writer, Tensor tensor, MemorySegment bytes, long from, long to) {
        switch (tensor.type()) {
            case BOOL -> {
                for (long i = from; i < to; i++) {
                    writer.putBool(bytes.get(ValueLayout.JAVA_BYTE, i) != 0);
                }
            }
            case UINT8 -> writer.putUnsignedBytes(bytes, from, to);
            case UINT16 -> {
                for (long i = from; i < to; i++) {
                    writer.putUnsigned(Short.toUnsignedLong(bytes.get(LittleEndian.SHORT, i << 1)));
                }
            }
            case UINT32 -> {
                for (long i = from; i < to; i++) {
                    writer.putUnsigned(Integer.toUnsignedLong(bytes.get(LittleEndian.INT, i << 2)));
                }
            }
            case UINT64 -> {
                for (long i = from; i < to; i++) {
                    writer.putUnsigned(bytes.get(LittleEndian.LONG, i << 3));
                }
            }
            case INT8 -> {
                for (long i = from; i < to; i++) {
                    writer.putInteger(bytes.get(ValueLayout.JAVA_BYTE, i));
                }
            }
            case INT16 -> {
                for (long i = from; i < to; i++) {
                    writer.putInteger(bytes.get(LittleEndian.SHORT, i << 1));
                }
            }
            case INT32 -> {
                for (long i = from; i < to; i++) {
                    writer.putInteger(bytes.get(LittleEndian.INT, i << 2));
                }
            }
            case INT64 -> {
                for (long i = from; i < to; i++) {
                    writer.putInteger(bytes.get(LittleEndian.LONG, i << 3));
                }
            }
            case FP32 -> {
                for (long i = from; i < to; i++) {
                    writer.putReal(bytes.get(LittleEndian.FLOAT, i << 2));
                }
            }
            case FP64 -> {
                for (long i = from; i < to; i++) {
                    writer.putReal(bytes.get(LittleEndian.DOUBLE, i << 3));
                }
            }
            case FP16 -> {
                for (long i = from; i < to; i++) {
                    writer.putReal(HalfFloats.fromHalf(bytes.get(LittleEndian.SHORT, i << 1)));
                }
            }
            case BF16 -> {
                for (long i = from; i < to; i++) {
                    writer.putReal(HalfFloats.fromBfloat(bytes.get(LittleEndian.SHORT, i << 1)));
                }
            }
            case BYTES, INVALID ->
                    throw new IllegalStateException("no numbers in " + tensor.type());
        }
    }

    private static void strings(JsonWriter writer, Tensor tensor) {
        MemorySegment bytes = tensor.buffer().segment();
        long count = elementCount(tensor);
        long position = 0;
        for (long i = 0; i < count; i++) {
            long left = bytes.byteSize() - position - Integer.BYTES;
            long length =
                    left < 0 ? 0 : Integer.toUnsignedLong(bytes.get(LittleEndian.INT, position));
            if (length > left) {
                throw mismatch("", tensor);
            }
            writer.string(bytes, position + Integer.BYTES, length).raw(",");
            position += Integer.BYTES + length;
        }
        if (count < 0 || position != bytes.byteSize()) {
            throw mismatch("", tensor);
        }
    }

    private static StatusException mismatch(String prefix, Tensor tensor) {
        return new StatusException(
                StatusCode.INTERNAL,
                prefix
                        + "output tensor shape does not match size of output for '"
                        + tensor.name()
                        + "'");
    }

    /** Number of elements, -1 if the shape has none. */
    private static long elementCount(Tensor tensor) {
        Shape shape = tensor.shape();
        try {
            return shape.isFixed() ? shape.elementCount() : -1;
        } catch (ArithmeticException e) {
            return -1;
        }
    }
}
