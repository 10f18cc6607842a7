package io.nereid.server.grpc;

import io.grpc.MethodDescriptor;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;

/** Messages as the bytes that a test makes. */
final class RawBytes implements MethodDescriptor.Marshaller<byte[]> {
    private RawBytes() {}

    static MethodDescriptor<byte[], byte[]> method(MethodDescriptor<?, ?> method) {
        return method.toBuilder(new RawBytes(), new RawBytes()).build();
    }

    /** The same for requests only. */
    static <R> MethodDescriptor<byte[], R> requestsOf(MethodDescriptor<?, R> method) {
        return method.toBuilder(new RawBytes(), method.getResponseMarshaller()).build();
    }

    @Override
    public InputStream stream(byte[] bytes) {
        return new ByteArrayInputStream(bytes);
    }

    @Override
    public byte[] parse(InputStream stream) {
        try {
            return stream.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
