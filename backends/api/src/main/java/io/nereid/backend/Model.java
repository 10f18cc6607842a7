package io.nereid.backend;

import io.nereid.protocol.InferenceRequest;
import io.nereid.protocol.ModelConfig;
import io.nereid.protocol.Owned;
import io.nereid.protocol.ResponseSender;
import java.util.List;
import java.util.Optional;

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

    /** Requests that wait to be executed now. Never blocks. Called on: any thread. */
    default long pending() {
        return 0;
    }

    /** What its instances execute now. Never blocks. Called on: any thread. */
    default List<RunningBatch> running() {
        return instances().map(Instances::batches).orElse(List.of());
    }

    /** The instances behind it, if it has any of its own. */
    default Optional<Instances> instances() {
        return Optional.empty();
    }

    /** Instances that may be exchanged while the model answers. */
    interface Instances {
        /** What they execute now. Never blocks. Called on: any thread. */
        default List<RunningBatch> batches() {
            return List.of();
        }

        /**
         * Opens the instances that are missing, then lets those go that are too many: they finish
         * what they execute. If one cannot be opened, everything stays as it is. Called on: control
         * threads, one at a time.
         *
         * @param config the configuration from now on, different only in instance groups and
         *     version policy
         * @param wanted instances that the model is to have
         * @throws io.nereid.protocol.StatusException whatever an instance says when it cannot be
         *     opened
         */
        void replace(ModelConfig config, List<InstanceSpec> wanted);
    }

    /**
     * Stops accepting, answers what was accepted, and frees everything. Blocks until that is done.
     * Called on: control threads.
     */
    @Override
    void close();
}
