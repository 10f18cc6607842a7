package io.nereid.server.trace;

import io.nereid.protocol.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.stream.Collectors;

/** The text of a tensor in a trace (metrics section 11): elements with commas between them. */
final class TensorDump {
    private static final ValueLayout.OfShort SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt INT =
            ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong LONG =
            ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    /** Whole numbers up to here are written without an exponent. */
    private static final double PLAIN = 1e15;

    private TensorDump() {}

    /** At most about how many bytes the text takes. */
    static long expectedLength(Tensor tensor) {
        return 8 * tensor.buffer().byteSize() + Long.BYTES;
    }

    static TraceEntry.TensorData of(String activity, Tensor tensor) {
        return new TraceEntry.TensorData(
                activity,
                tensor.name(),
                data(tensor),
                Arrays.stream(tensor.shape().toArray())
                        .mapToObj(Long::toString)
                        .collect(Collectors.joining(",")),
                tensor.type().wireName());
    }

    private static String data(Tensor tensor) {
        MemorySegment bytes = tensor.buffer().segment();
        StringBuilder text = new StringBuilder();
        switch (tensor.type()) {
            case BYTES -> strings(bytes, text);
            // as the reference has it: it cannot print them
            case FP16, BF16, INVALID -> {}
            case BOOL, UINT8, UINT16, UINT32, UINT64, INT8, INT16, INT32, INT64, FP32, FP64 -> {
                int size = tensor.type().byteSize();
                for (long at = 0; at + size <= bytes.byteSize(); at += size) {
                    text.append(at == 0 ? "" : ",").append(number(tensor, bytes, at));
                }
            }
        }
        return text.toString();
    }

    private static String number(Tensor tensor, MemorySegment bytes, long at) {
        return switch (tensor.type()) {
            case BOOL -> bytes.get(ValueLayout.JAVA_BYTE, at) == 0 ? "0" : "1";
            case UINT8 ->
                    Integer.toString(Byte.toUnsignedInt(bytes.get(ValueLayout.JAVA_BYTE, at)));
            case INT8 -> Byte.toString(bytes.get(ValueLayout.JAVA_BYTE, at));
            case UINT16 -> Integer.toString(Short.toUnsignedInt(bytes.get(SHORT, at)));
            case INT16 -> Short.toString(bytes.get(SHORT, at));
            case UINT32 -> Integer.toUnsignedString(bytes.get(INT, at));
            case INT32 -> Integer.toString(bytes.get(INT, at));
            case UINT64 -> Long.toUnsignedString(bytes.get(LONG, at));
            case INT64 -> Long.toString(bytes.get(LONG, at));
            case FP32 -> {
                float value = Float.intBitsToFloat(bytes.get(INT, at));
                yield isPlain(value) ? Long.toString((long) value) : real(Float.toString(value));
            }
            case FP64 -> {
                double value = Double.longBitsToDouble(bytes.get(LONG, at));
                yield isPlain(value) ? Long.toString((long) value) : real(Double.toString(value));
            }
            case FP16, BF16, BYTES, INVALID ->
                    throw new IllegalStateException("no numbers in " + tensor.type());
        };
    }

    private static boolean isPlain(double value) {
        return value == Math.rint(value) && Math.abs(value) < PLAIN;
    }

    private static String real(String java) {
        return switch (java) {
            case "NaN" -> "nan";
            case "Infinity" -> "inf";
            case "-Infinity" -> "-inf";
            default -> java.replace("E", "e");
        };
    }

    private static void strings(MemorySegment bytes, StringBuilder text) {
        long at = 0;
        while (at + Integer.BYTES <= bytes.byteSize()) {
            long from = at + Integer.BYTES;
            long to = Math.min(bytes.byteSize(), from + Integer.toUnsignedLong(bytes.get(INT, at)));
            byte[] content = bytes.asSlice(from, to - from).toArray(ValueLayout.JAVA_BYTE);
            text.append(at == 0 ? "\"" : ",\"")
                    .append(new String(content, StandardCharsets.UTF_8))
                    .append('"');
            at = to;
        }
    }
}
