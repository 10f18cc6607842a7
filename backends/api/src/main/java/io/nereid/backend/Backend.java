package io.nereid.backend;

import io.nereid.protocol.ModelConfig;
import io.nereid.protocol.Owned;
import io.nereid.protocol.proto.ModelConfigProto;

/**
 * An engine. Found with {@link java.util.ServiceLoader}, one object per server. Called on: control
 * threads, several at a time once it is open.
 */
public interface Backend extends AutoCloseable {
    /** The name that configurations call it by, such as {@code onnxruntime}. */
    String name();

    /**
     * Prepares the engine. Called once, before anything else. What takes long (loading native
     * libraries) waits for the first model.
     */
    void open(BackendEnvironment environment);

    /** Instances on a CPU where the configuration names no count (model-config section 8.2). */
    default int preferredCpuInstances() {
        return 1;
    }

    /**
     * Whether an instance may ask for any kind of device because the engine computes on the CPU
     * whatever it is asked for. Then {@code KIND_GPU} is no error on a machine without a GPU.
     */
    default boolean acceptsAnyDevice() {
        return false;
    }

    /**
     * Threads that a model computes with, for the plan that is shown at start.
     *
     * @param config a configuration that {@link #openModel} has taken
     */
    default ComputeThreads threads(ModelConfig config) {
        return ComputeThreads.OWN;
    }

    /**
     * Completes a configuration from the model's files (model-config section 13). Only {@code
     * max_batch_size}, {@code input}, {@code output}, the scheduling choice if there was none, and
     * {@code model_transaction_policy} may differ in the result.
     *
     * @throws io.nereid.protocol.StatusException with the text of section 13 if that cannot be done
     */
    default ModelConfigProto.ModelConfig complete(
            ModelConfigProto.ModelConfig config, ModelFiles files) {
        return config;
    }

    /**
     * Opens the weights of one version and compares them with the configuration (model-config
     * section 14).
     *
     * @throws io.nereid.protocol.StatusException with the reason for the repository index
     */
    @Owned
    BackendModel openModel(ModelConfig config, ModelFiles files);

    /** Frees the engine. Every model is closed before. */
    @Override
    void close();
}
