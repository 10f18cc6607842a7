package io.nereid.server.memory;

import io.nereid.backend.Model;
import io.nereid.protocol.InferenceRequest;
import io.nereid.protocol.ModelConfig;
import io.nereid.protocol.Owned;
import io.nereid.protocol.ResponseSender;
import java.util.Optional;

/** A version that is open as long as it is loaded. */
final class EagerModel implements Model {
    private final Model model;
    private final Runnable afterClose;

    /**
     * @param afterClose run when the model has been closed
     */
    EagerModel(@Owned Model model, Runnable afterClose) {
        this.model = model;
        this.afterClose = afterClose;
    }

    @Override
    public ModelConfig config() {
        return model.config();
    }

    @Override
    public long version() {
        return model.version();
    }

    @Override
    public void infer(@Owned InferenceRequest request, ResponseSender sender) {
        model.infer(request, sender);
    }

    @Override
    public Optional<Instances> instances() {
        return model.instances();
    }

    @Override
    public void close() {
        try {
            model.close();
        } finally {
            afterClose.run();
        }
    }
}
