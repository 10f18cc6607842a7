package io.nereid.server.statistics;

import io.nereid.backend.Model;
import io.nereid.backend.RunningBatch;
import io.nereid.protocol.InferenceRequest;
import io.nereid.protocol.ModelConfig;
import io.nereid.protocol.Owned;
import io.nereid.protocol.ResponseSender;
import java.util.List;
import java.util.Optional;

/** A version of a model together with what is counted of it, from when it was opened. */
public final class CountedModel implements Model {
    private final Model model;
    private final VersionCounters counters;
    private final String identity;
    private final Runnable afterClose;

    /**
     * @param model tells {@code counters} what becomes of its requests
     * @param identity tells it from others in a response cache; empty if there is none
     * @param afterClose run when the model has been closed
     */
    public CountedModel(
            @Owned Model model, VersionCounters counters, String identity, Runnable afterClose) {
        this.model = model;
        this.counters = counters;
        this.identity = identity;
        this.afterClose = afterClose;
    }

    /** What is counted of the version. */
    public VersionCounters counters() {
        return counters;
    }

    /** What tells it from others in a response cache; empty if there is none. */
    public String identity() {
        return identity;
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
        counters.begun();
        ResponseSender counting = new EndCounter(sender, counters);
        if (!counters.measures().wantsFirstResponses()) {
            model.infer(request, counting);
            return;
        }
        FirstResponseTimer timer =
                new FirstResponseTimer(counting, counters.measures(), System::nanoTime);
        model.infer(request, timer);
        timer.asked();
    }

    @Override
    public long pending() {
        return model.pending();
    }

    @Override
    public List<RunningBatch> running() {
        return model.running();
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
