package io.nereid.server.grpc;

import io.grpc.Codec;
import io.grpc.Compressor;
import io.grpc.CompressorRegistry;
import io.grpc.ServerCall;
import io.nereid.server.ServerOptions.Compression;
import java.io.IOException;
import java.io.OutputStream;
import java.util.zip.Deflater;
import java.util.zip.GZIPOutputStream;

/**
 * Compresses answers to inference with gzip, as much as {@code
 * --grpc-infer-response-compression-level} says (gRPC protocol section 3). Clients that do not
 * accept gzip get plain answers.
 */
final class ReplyCompression implements Compressor {
    private static final String GZIP = "gzip";

    private final Compression level;

    ReplyCompression(Compression level) {
        this.level = level;
    }

    /** What the server may answer with. */
    CompressorRegistry registry() {
        CompressorRegistry registry = CompressorRegistry.newEmptyInstance();
        registry.register(Codec.Identity.NONE);
        registry.register(this);
        return registry;
    }

    /** Whether answers are compressed for clients that accept it. */
    boolean isOn() {
        return level != Compression.NONE;
    }

    /** Has a call's answers compressed, if any are; called before its first one. */
    void applyTo(ServerCall<?, ?> call) {
        if (isOn()) {
            call.setCompression(GZIP);
        }
    }

    @Override
    public String getMessageEncoding() {
        return GZIP;
    }

    @Override
    public OutputStream compress(OutputStream compressed) throws IOException {
        return new Gzip(compressed, effort());
    }

    private int effort() {
        return switch (level) {
            case NONE -> Deflater.NO_COMPRESSION;
            case LOW -> Deflater.BEST_SPEED;
            case MEDIUM -> Deflater.DEFAULT_COMPRESSION;
            case HIGH -> Deflater.BEST_COMPRESSION;
        };
    }

    /** The only way to tell the JDK's gzip how hard to try. */
    private static final class Gzip extends GZIPOutputStream {
        Gzip(OutputStream compressed, int effort) throws IOException {
            super(compressed);
            def.setLevel(effort);
        }
    }
}
