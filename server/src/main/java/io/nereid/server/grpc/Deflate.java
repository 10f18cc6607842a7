package io.nereid.server.grpc;

import io.grpc.Decompressor;
import java.io.InputStream;
import java.util.zip.InflaterInputStream;

/** Requests compressed with {@code deflate}, which gRPC for Java does not know by itself. */
final class Deflate implements Decompressor {
    @Override
    public String getMessageEncoding() {
        return "deflate";
    }

    @Override
    public InputStream decompress(InputStream compressed) {
        return new InflaterInputStream(compressed);
    }
}
