package io.nereid.server.grpc;

import io.grpc.Compressor;
import java.io.OutputStream;
import java.util.zip.DeflaterOutputStream;

/** A client's compression with {@code deflate}. */
final class Deflating implements Compressor {
    @Override
    public String getMessageEncoding() {
        return "deflate";
    }

    @Override
    public OutputStream compress(OutputStream plain) {
        return new DeflaterOutputStream(plain);
    }
}
