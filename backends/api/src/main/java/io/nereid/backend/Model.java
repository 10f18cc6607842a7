package io.nereid.backend;

import io.nereid.protocol.InferenceRequest;
import io.nereid.protocol.ModelConfig;
import io.nereid.protocol.Owned;
import io.nereid.protocol.ResponseSender;

/** One version of a model that answers requests: instances behind a scheduler, or an ensemble. */
public interface Model extends AutoCloseable {
    /** The completed configuration. */
    ModelConfig config();

    /** Version number. */
    long version();

    /**
     * Accepts a request that was validated against {@link #config}. Never blocks and never throws:
     * a refusal goes to {@code sender}. Called on: event loop, instance thread.
     */
    void infer(@Owned InferenceRequest request, ResponseSender sender);

    /**
     * Stops accepting, answers what was accepted, and frees everything. Blocks until that is done.
     * Called on: control threads.
     */
    @Override
    void close();
}
