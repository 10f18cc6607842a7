package io.nereid.protocol.http;

import io.nereid.protocol.InferenceResponse;
import io.nereid.protocol.LabelLookup;
import io.nereid.protocol.Owned;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.TensorAllocator;

/**
 * Encodes answers to infer requests (HTTP protocol sections 13 and 15). Immutable; may be used from
 * any thread.
 */
public final class HttpInferEncoder {
    private final TensorAllocator allocator;
    private final LabelLookup labels;

    /** An encoder that knows no labels. */
    public HttpInferEncoder(TensorAllocator allocator) {
        this(allocator, LabelLookup.NONE);
    }

    /**
     * @param labels of the model that answers
     */
    public HttpInferEncoder(TensorAllocator allocator, LabelLookup labels) {
        this.allocator = allocator;
        this.labels = labels;
    }

    /**
     * The body that answers a request.
     *
     * @param response closed by the end of this call, also after a failure; binary outputs live on
     *     as parts of the result
     * @param outputs borrowed; outputs in shared memory are written there
     * @throws StatusException INVALID_ARG if an output has no JSON form or cannot be classified,
     *     INTERNAL if an output's bytes do not match its shape or do not fit into its shared memory
     */
    public @Owned EncodedResponse encode(
            @Owned InferenceResponse response, OutputSelection outputs) {
        try (response) {
            return new ResponseBody(response, outputs, labels, allocator).encode();
        }
    }
}
