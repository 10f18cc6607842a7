package io.nereid.load.data;

import io.nereid.protocol.DataType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** Elements of a tensor as JSON has them: a flat array of numbers, booleans or strings. */
public final class JsonData {
    private static final int BFLOAT_SHIFT = 16;

    private JsonData() {}

    /** Adds the array of a tensor's elements. */
    public static void append(TensorValue tensor, StringBuilder json) {
        ByteBuffer bytes = ByteBuffer.wrap(tensor.bytes()).order(ByteOrder.LITTLE_ENDIAN);
        json.append('[');
        while (bytes.hasRemaining()) {
            appendElement(tensor.type(), bytes, json);
            if (bytes.hasRemaining()) {
                json.append(',');
            }
        }
        json.append(']');
    }

    /** Adds a text with its quotation marks. */
    public static void appendString(String text, StringBuilder json) {
        json.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') {
                json.append('\\').append(c);
            } else if (c < ' ') {
                json.append(String.format("\\u%04x", (int) c));
            } else {
                json.append(c);
            }
        }
        json.append('"');
    }

    private static void appendElement(DataType type, ByteBuffer bytes, StringBuilder json) {
        switch (type) {
            case BOOL -> json.append(bytes.get() != 0);
            case INT8 -> json.append(bytes.get());
            case UINT8 -> json.append(Byte.toUnsignedInt(bytes.get()));
            case INT16 -> json.append(bytes.getShort());
            case UINT16 -> json.append(Short.toUnsignedInt(bytes.getShort()));
            case INT32 -> json.append(bytes.getInt());
            case UINT32 -> json.append(Integer.toUnsignedLong(bytes.getInt()));
            case INT64 -> json.append(bytes.getLong());
            case UINT64 -> json.append(Long.toUnsignedString(bytes.getLong()));
            case FP16 -> json.append(Float.float16ToFloat(bytes.getShort()));
            case BF16 -> json.append(Float.intBitsToFloat(bytes.getShort() << BFLOAT_SHIFT));
            case FP32 -> json.append(bytes.getFloat());
            case FP64 -> json.append(bytes.getDouble());
            case BYTES -> {
                byte[] text = new byte[bytes.getInt()];
                bytes.get(text);
                appendString(new String(text, StandardCharsets.UTF_8), json);
            }
            case INVALID -> throw new IllegalStateException("a tensor without a type");
        }
    }
}
