package io.nereid.backend.scheduler.cache;

import io.nereid.backend.ExecutionListener;
import io.nereid.backend.FailureReason;
import io.nereid.backend.Holds;
import io.nereid.backend.Model;
import io.nereid.backend.RunningBatch;
import io.nereid.backend.cache.ResponseCache;
import io.nereid.backend.cache.ResponseKey;
import io.nereid.protocol.CorrelationId;
import io.nereid.protocol.InferenceRequest;
import io.nereid.protocol.InferenceResponse;
import io.nereid.protocol.ModelConfig;
import io.nereid.protocol.Owned;
import io.nereid.protocol.ResponseSender;
import io.nereid.protocol.Scheduling;
import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.Tensor;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A model that answers from a response cache what it has answered before (schedulers section 16).
 * Requests are looked up before they reach the model; answers are kept just before they leave,
 * failures never. Response parameters and ids are not kept.
 *
 * <p>Two equal requests at the same time are both executed: the one that answers later finds the
 * other's answer kept and counts as neither hit nor miss (metrics section 5).
 *
 * <p>A request of a sequence to an ensemble is always executed, because a step may keep state.
 *
 * <p>Owns the model; the cache stays the caller's and is closed after it. Any thread: look-ups end
 * on the cache's threads.
 */
public final class CachedModel implements Model {
    private static final Logger log = LoggerFactory.getLogger(CachedModel.class);

    /** Inputs up to here give their key on the thread that brings them. */
    static final long SHORT_BYTES = 1 << 20;

    private final Model model;
    private final CacheContext context;
    private final RequestKeys keys;
    private final ExecutionListener listener;
    private final boolean keepsState;
    private final Holds lookUps = new Holds();

    /**
     * @param identity tells this model from all others of its name and version: loaded before,
     *     afterwards, or by another server
     * @param listener told of hits and misses; {@code model} tells it of the rest
     */
    public CachedModel(
            @Owned Model model, CacheContext context, String identity, ExecutionListener listener) {
        this.model = model;
        this.context = context;
        this.keys = new RequestKeys(model.config().name(), model.version(), identity);
        this.listener = listener;
        this.keepsState = model.config().scheduling() instanceof Scheduling.Ensemble;
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
    public void infer(@Owned InferenceRequest request, ResponseSender sender) {
        if (mustBeExecuted(request) || !lookUps.tryAdd()) {
            model.infer(request, sender);
            return;
        }
        long arrival = context.nanoTime().getAsLong();
        if (Tensor.byteSize(request.inputs()) <= SHORT_BYTES) {
            lookUp(request, sender, arrival);
            return;
        }
        try {
            context.longWork().execute(() -> lookUp(request, sender, arrival));
        } catch (RejectedExecutionException busy) {
            model.infer(request, sender);
            lookUps.remove();
        }
    }

    private boolean mustBeExecuted(InferenceRequest request) {
        return request.isCancelled()
                || (keepsState && !request.correlationId().equals(CorrelationId.NONE));
    }

    /** Nobody else may close the request before its inputs have been read. */
    private void lookUp(@Owned InferenceRequest request, ResponseSender sender, long arrival) {
        LookUp lookUp = new LookUp(request, sender, arrival, keys.of(request));
        context.cache().find(lookUp.key, lookUp);
        if (!lookUp.isSettled()) {
            request.onCancel(lookUp::cancelled);
        }
    }

    /** Ends the look-ups, then closes the model. */
    @Override
    public void close() {
        lookUps.endAndAwait();
        model.close();
    }

    /** A request that is being looked up. Whoever settles it owns the request. */
    private final class LookUp implements ResponseCache.Finding {
        private final InferenceRequest request;
        private final ResponseSender sender;
        private final long arrival;
        private final ResponseKey key;
        private final AtomicBoolean settled = new AtomicBoolean();

        LookUp(
                @Owned InferenceRequest request,
                ResponseSender sender,
                long arrival,
                ResponseKey key) {
            this.request = request;
            this.sender = sender;
            this.arrival = arrival;
            this.key = key;
        }

        boolean isSettled() {
            return settled.get();
        }

        @Override
        public void found(@Owned List<Tensor> outputs) {
            if (!settled.compareAndSet(false, true)) {
                outputs.forEach(output -> output.buffer().close());
                return;
            }
            InferenceResponse response =
                    new InferenceResponse(
                            request.id(), config().name(), version(), Map.of(), outputs);
            request.close();
            listener.cacheHit(sinceArrival());
            sender.send(response, true);
            lookUps.remove();
        }

        @Override
        public void missing() {
            if (settled.compareAndSet(false, true)) {
                model.infer(request, new Keeping(key, sender, sinceArrival()));
                lookUps.remove();
            }
        }

        void cancelled() {
            if (settled.compareAndSet(false, true)) {
                request.close();
                listener.failed(FailureReason.CANCELED, sinceArrival());
                sender.fail(new StatusException(StatusCode.CANCELLED, ""));
                lookUps.remove();
            }
        }

        private long sinceArrival() {
            return context.nanoTime().getAsLong() - arrival;
        }
    }

    /** Keeps the answer of a request that was not found. */
    private final class Keeping implements ResponseSender {
        private final ResponseKey key;
        private final ResponseSender next;
        private final long lookUpNanos;

        Keeping(ResponseKey key, ResponseSender next, long lookUpNanos) {
            this.key = key;
            this.next = next;
            this.lookUpNanos = lookUpNanos;
        }

        @Override
        public void send(@Owned InferenceResponse response, boolean last) {
            if (last) {
                keep(response);
            }
            next.send(response, last);
        }

        private void keep(InferenceResponse response) {
            long start = context.nanoTime().getAsLong();
            boolean missed = true;
            try {
                missed = context.cache().insert(key, response.outputs());
            } catch (StatusException e) {
                logFailure(key, e);
            }
            if (missed) {
                listener.cacheMiss(lookUpNanos + context.nanoTime().getAsLong() - start);
            }
        }

        @Override
        public void complete() {
            next.complete();
        }

        @Override
        public void fail(StatusException status) {
            next.fail(status);
        }
    }

    private void logFailure(ResponseKey key, StatusException why) {
        OptionalLong suppressed = context.failures().happened();
        if (suppressed.isPresent()) {
            log.error(
                    "Failed to insert key [{}] into response cache: {} ({} more since the last"
                            + " such line)",
                    key,
                    why.text(),
                    suppressed.getAsLong());
        }
    }
}
