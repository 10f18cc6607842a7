package io.nereid.backend.scheduler;

import io.nereid.backend.BackendModel;
import io.nereid.backend.Model;
import io.nereid.protocol.InferenceRequest;
import io.nereid.protocol.ModelConfig;
import io.nereid.protocol.Owned;
import io.nereid.protocol.ResponseSender;
import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;

/** A model with {@code sequence_batching}: loaded, but it refuses requests. */
final class UnsupportedSequences implements Model {
    private final ModelConfig config;
    private final long version;
    private final BackendModel model;

    UnsupportedSequences(ModelConfig config, long version, @Owned BackendModel model) {
        this.config = config;
        this.version = version;
        this.model = model;
    }

    @Override
    public ModelConfig config() {
        return config;
    }

    @Override
    public long version() {
        return version;
    }

    @Override
    public void infer(@Owned InferenceRequest request, ResponseSender sender) {
        request.close();
        sender.fail(
                new StatusException(
                        StatusCode.UNSUPPORTED,
                        "sequence batching of model '" + config.name() + "' is not supported yet"));
    }

    @Override
    public void close() {
        model.close();
    }
}
