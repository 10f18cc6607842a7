package io.nereid.protocol.http;

import io.nereid.protocol.InferenceRequest;
import io.nereid.protocol.ModelConfig;
import io.nereid.protocol.Owned;
import io.nereid.protocol.SharedMemory;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.TensorAllocator;
import io.nereid.protocol.TensorBuffer;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Decodes the bodies of infer requests (HTTP protocol sections 11, 12 and 21). Immutable; may be
 * used from any thread.
 */
public final class HttpInferDecoder {
    private final TensorAllocator allocator;
    private final long maxInputSize;
    private final SharedMemory memory;

    /** A decoder that knows no shared memory. */
    public HttpInferDecoder(TensorAllocator allocator, long maxInputSize) {
        this(allocator, maxInputSize, SharedMemory.NONE);
    }

    /**
     * @param maxInputSize {@code --http-max-input-size}, in bytes
     * @param memory where inputs and outputs may lie
     */
    public HttpInferDecoder(TensorAllocator allocator, long maxInputSize, SharedMemory memory) {
        this.allocator = allocator;
        this.maxInputSize = maxInputSize;
        this.memory = memory;
    }

    /**
     * The question that a body asks; the caller owns the request and the output selection in the
     * result. The request's binary inputs are slices of the body.
     *
     * @param config of the model asked
     * @param version version asked for; empty for the newest that is ready
     * @param body whole body
     * @param jsonLength bytes of JSON at its start; 0 for a raw binary request (HTTP protocol
     *     section 11.7)
     * @throws StatusException mostly INVALID_ARG, with the texts of HTTP protocol sections 11, 12
     *     and 21; UNSUPPORTED for long correlation ids; also what {@link SharedMemory} throws
     */
    public DecodedRequest decode(
            ModelConfig config, OptionalLong version, @Owned TensorBuffer body, long jsonLength) {
        try (body) {
            return usual(config, version, body, jsonLength)
                    .orElseGet(() -> careful(config, version, body, jsonLength));
        }
    }

    /** Reads a body in one pass, if that can be done. */
    private Optional<DecodedRequest> usual(
            ModelConfig config, OptionalLong version, TensorBuffer body, long jsonLength) {
        if (jsonLength <= 0 || jsonLength > Math.min(maxInputSize, body.byteSize())) {
            return Optional.empty();
        }
        InferenceRequest request = new InferenceRequest(config.name(), version);
        boolean complete = false;
        try (UsualBody usual =
                new UsualBody(config, body, jsonLength, allocator, maxInputSize, memory, request)) {
            if (!isUsual(usual)) {
                return Optional.empty();
            }
            DecodedRequest decoded = new DecodedRequest(request, usual.selection());
            complete = true;
            return Optional.of(decoded);
        } finally {
            if (!complete) {
                request.close();
            }
        }
    }

    private static boolean isUsual(UsualBody body) {
        try {
            return body.read();
        } catch (StatusException e) {
            // The careful way meets it again, and knows whether another one is to be told first.
            return false;
        }
    }

    /** As {@link #decode}, without the short way for usual bodies. */
    DecodedRequest decodeCarefully(
            ModelConfig config, OptionalLong version, @Owned TensorBuffer body, long jsonLength) {
        try (body) {
            return careful(config, version, body, jsonLength);
        }
    }

    private DecodedRequest careful(
            ModelConfig config, OptionalLong version, TensorBuffer body, long jsonLength) {
        InferenceRequest request = new InferenceRequest(config.name(), version);
        try {
            return new DecodedRequest(request, read(config, request, body, jsonLength));
        } catch (RuntimeException e) {
            request.close();
            throw e;
        }
    }

    private OutputSelection read(
            ModelConfig config, InferenceRequest request, TensorBuffer body, long jsonLength) {
        if (jsonLength == 0) {
            checkRawSize(body.byteSize());
            new RawBody(config, body, allocator).read(request);
            return OutputSelection.allBinary();
        }
        checkJsonSize(jsonLength);
        if (jsonLength < 0 || jsonLength > body.byteSize()) {
            throw StatusException.invalidArgument(
                    "unexpected size for request JSON, expecting "
                            + (jsonLength - body.byteSize())
                            + " more bytes");
        }
        return new InferBody(config, body, jsonLength, allocator, maxInputSize, memory)
                .read(request);
    }

    private void checkRawSize(long byteSize) {
        if (byteSize > maxInputSize) {
            throw StatusException.invalidArgument(
                    "Raw input has a byte_size ("
                            + byteSize
                            + " bytes) that exceeds the maximum allowed value of "
                            + maxInputSize
                            + " bytes. Use --http-max-input-size to increase the limit.");
        }
    }

    /**
     * Refuses a JSON part that is too long (HTTP protocol section 11.8). Needs nothing but headers.
     *
     * @param jsonLength in bytes
     * @throws StatusException INVALID_ARG if it is over the limit
     */
    public void checkJsonSize(long jsonLength) {
        JsonLimit.check(jsonLength, maxInputSize);
    }
}
