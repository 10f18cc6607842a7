package io.nereid.benchmarks.models;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import io.nereid.protocol.DataType;
import io.nereid.protocol.Shape;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Random;
import java.util.StringJoiner;

/**
 * An input of a request with its values.
 *
 * @param values as they lie in a tensor: little-endian, row-major
 */
public record Input(String name, DataType type, Shape shape, ByteString values) {
    /** FP32 values between 0 and 1 that are the same in every run. */
    public static Input floats(String name, long... dims) {
        Shape shape = Shape.of(dims);
        Random random = new Random(1);
        ByteString.Output bytes = ByteString.newOutput();
        CodedOutputStream out = CodedOutputStream.newInstance(bytes);
        try {
            for (long left = shape.elementCount(); left > 0; left--) {
                out.writeFloatNoTag(random.nextFloat());
            }
            out.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new Input(name, DataType.FP32, shape, bytes.toByteString());
    }

    /** UINT8 values that are the same in every run. */
    public static Input bytes(String name, int count) {
        byte[] values = new byte[count];
        new Random(1).nextBytes(values);
        return new Input(name, DataType.UINT8, Shape.of(count), ByteString.copyFrom(values));
    }

    /** The values as a JSON list. */
    String json() {
        StringJoiner list = new StringJoiner(",", "[", "]");
        if (type == DataType.UINT8) {
            for (byte value : values) {
                list.add(Integer.toString(Byte.toUnsignedInt(value)));
            }
        } else {
            ByteBuffer floats = values.asReadOnlyByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
            while (floats.hasRemaining()) {
                list.add(Float.toString(floats.getFloat()));
            }
        }
        return list.toString();
    }
}
