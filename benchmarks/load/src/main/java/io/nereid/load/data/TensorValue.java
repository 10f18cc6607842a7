package io.nereid.load.data;

import io.nereid.protocol.DataType;
import io.nereid.protocol.Shape;

/**
 * An input with its elements, as they stand in a binary request: little-endian, in row-major order.
 * Immutable.
 */
public final class TensorValue {
    private final String name;
    private final DataType type;
    private final Shape shape;
    private final byte[] bytes;

    private TensorValue(String name, DataType type, Shape shape, byte[] bytes) {
        this.name = name;
        this.type = type;
        this.shape = shape;
        this.bytes = bytes;
    }

    /**
     * A tensor.
     *
     * @param shape as it is sent, with the batch dimension if there is one
     * @param bytes not changed from here on
     */
    public static TensorValue wrap(String name, DataType type, Shape shape, byte[] bytes) {
        return new TensorValue(name, type, shape, bytes);
    }

    /** Name of the input. */
    public String name() {
        return name;
    }

    /** Element type. */
    public DataType type() {
        return type;
    }

    /** Shape as it is sent. */
    public Shape shape() {
        return shape;
    }

    /** The elements; not to be changed. */
    public byte[] bytes() {
        return bytes;
    }

    /** The same elements {@code batch} times, with the batch dimension in front. */
    TensorValue repeated(int batch) {
        byte[] all = new byte[Math.multiplyExact(batch, bytes.length)];
        for (int i = 0; i < batch; i++) {
            System.arraycopy(bytes, 0, all, i * bytes.length, bytes.length);
        }
        return new TensorValue(name, type, shape.withLeading(batch), all);
    }
}
