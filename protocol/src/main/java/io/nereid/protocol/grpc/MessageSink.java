package io.nereid.protocol.grpc;

import io.nereid.protocol.TensorBuffer;

/**
 * Takes a message part by part, in order.
 *
 * @param <X> what goes wrong
 */
public interface MessageSink<X extends Exception> {
    /** Takes bytes that stay as they are. */
    void write(byte[] bytes) throws X;

    /** Takes tensor memory, borrowed: a sink that reads it later retains it. */
    void write(TensorBuffer bytes) throws X;

    /** Takes a number of at least 0, seven bits a byte, lowest first. */
    default void writeVarint(int value) throws X {
        int rest = value;
        while (rest >= 0x80) {
            write((byte) (rest | 0x80));
            rest >>>= 7;
        }
        write((byte) rest);
    }

    /** Takes one byte. */
    void write(byte value) throws X;
}
