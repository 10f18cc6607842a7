package io.nereid.protocol.http;

import io.nereid.protocol.InferenceRequest;
import io.nereid.protocol.ModelConfig;
import io.nereid.protocol.Owned;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.TensorAllocator;
import io.nereid.protocol.TensorBuffer;
import java.util.OptionalLong;

/**
 * Decodes the bodies of generate requests (HTTP protocol section 16). Immutable; may be used from
 * any thread.
 */
public final class GenerateDecoder {
    private final TensorAllocator allocator;
    private final long maxInputSize;

    /**
     * @param maxInputSize {@code --http-max-input-size}, in bytes
     */
    public GenerateDecoder(TensorAllocator allocator, long maxInputSize) {
        this.allocator = allocator;
        this.maxInputSize = maxInputSize;
    }

    /**
     * Refuses a body that is too long (HTTP protocol section 11.8). Needs nothing but headers.
     *
     * @throws StatusException INVALID_ARG if it is over the limit
     */
    public void checkSize(long byteSize) {
        JsonLimit.check(byteSize, maxInputSize);
    }

    /**
     * The question that a body asks: members named as inputs become tensors, all others parameters.
     *
     * @param config of the model asked
     * @param version version asked for; empty for the newest that is ready
     * @param body whole body
     * @throws StatusException mostly INVALID_ARG, with the texts of HTTP protocol sections 11.8,
     *     12.3, 16 and 21; INTERNAL if a nested array has more or fewer numbers than elements
     */
    public @Owned InferenceRequest decode(
            ModelConfig config, OptionalLong version, @Owned TensorBuffer body) {
        try (body) {
            InferenceRequest request = new InferenceRequest(config.name(), version);
            try {
                checkSize(body.byteSize());
                new GenerateBody(config, body, allocator, maxInputSize).read(request);
            } catch (RuntimeException e) {
                request.close();
                throw e;
            }
            return request;
        }
    }
}
