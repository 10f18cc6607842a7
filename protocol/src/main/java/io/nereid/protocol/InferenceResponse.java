package io.nereid.protocol;

import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * One answer of a model; owns its outputs. Used by one thread at a time. Outputs keep the order in
 * which the model produced them, parameters the order in which they were set.
 */
public final class InferenceResponse implements AutoCloseable {
    private final String id;
    private final String modelName;
    private final long modelVersion;
    private final Map<String, Parameter> parameters;
    private final List<Tensor> outputs;
    private final AtomicBoolean closed = new AtomicBoolean();

    /**
     * @param id the request's id, empty if it had none
     * @param outputs one reference each, owned from now on
     */
    public InferenceResponse(
            String id,
            String modelName,
            long modelVersion,
            Map<String, Parameter> parameters,
            @Owned List<Tensor> outputs) {
        this.id = id;
        this.modelName = modelName;
        this.modelVersion = modelVersion;
        this.parameters = parameters;
        this.outputs = List.copyOf(outputs);
    }

    /** The request's id, empty if it had none. */
    public String id() {
        return id;
    }

    /** Model that answered. */
    public String modelName() {
        return modelName;
    }

    /** Version that answered. */
    public long modelVersion() {
        return modelVersion;
    }

    /** Response parameters in the order in which the model set them. */
    public Map<String, Parameter> parameters() {
        return parameters;
    }

    /** Outputs in the order in which the model produced them, borrowed. */
    public List<Tensor> outputs() {
        if (closed.get()) {
            throw new IllegalStateException("response of '" + modelName + "' used after close");
        }
        return outputs;
    }

    /** Gives the outputs back. */
    @Override
    public void close() {
        if (!closed.compareAndSet(false, true)) {
            throw new IllegalStateException("response of '" + modelName + "' closed twice");
        }
        for (Tensor output : outputs) {
            output.buffer().close();
        }
    }
}
