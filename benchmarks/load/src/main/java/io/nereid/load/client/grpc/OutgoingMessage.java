package io.nereid.load.client.grpc;

import io.grpc.Drainable;
import io.grpc.KnownLength;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.SequenceInputStream;

/**
 * An encoded message in two parts: protobuf takes fields in any order, so what differs from request
 * to request simply follows. Not changed once made.
 */
final class OutgoingMessage {
    private final byte[] fixed;
    private final byte[] rest;

    private OutgoingMessage(byte[] fixed, byte[] rest) {
        this.fixed = fixed;
        this.rest = rest;
    }

    /** Both arrays are not changed from here on. */
    static OutgoingMessage wrap(byte[] fixed, byte[] rest) {
        return new OutgoingMessage(fixed, rest);
    }

    /** The message as gRPC frames it, which drains it in one piece. */
    InputStream stream() {
        return new Stream(this);
    }

    private static final class Stream extends InputStream implements KnownLength, Drainable {
        private final OutgoingMessage message;
        private final InputStream bytes;

        Stream(OutgoingMessage message) {
            this.message = message;
            this.bytes =
                    new SequenceInputStream(
                            new ByteArrayInputStream(message.fixed),
                            new ByteArrayInputStream(message.rest));
        }

        @Override
        public int available() {
            return message.fixed.length + message.rest.length;
        }

        @Override
        public int drainTo(OutputStream target) throws IOException {
            target.write(message.fixed);
            target.write(message.rest);
            return available();
        }

        @Override
        public int read() throws IOException {
            return bytes.read();
        }

        @Override
        public int read(byte[] target, int offset, int length) throws IOException {
            return bytes.read(target, offset, length);
        }
    }
}
