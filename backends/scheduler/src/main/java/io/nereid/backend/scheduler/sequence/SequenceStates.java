package io.nereid.backend.scheduler.sequence;

import io.nereid.protocol.InferenceRequest;
import io.nereid.protocol.Owned;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.Tensor;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * The states of one sequence; owns their buffers. While a request of the sequence executes it
 * belongs to the instance's thread, otherwise to whoever ends the sequence.
 */
public final class SequenceStates implements AutoCloseable {
    /** By the output that becomes the state. */
    private final Map<String, StateSpec> specs;

    private final Map<String, Tensor> current = new HashMap<>();

    SequenceStates(Map<String, StateSpec> specs) {
        this.specs = specs;
    }

    Set<String> outputs() {
        return specs.keySet();
    }

    /** Adds the states to a request that is about to be executed; its first one gets new ones. */
    void supply(InferenceRequest request) {
        if (request.sequenceStart()) {
            close();
        }
        for (StateSpec spec : specs.values()) {
            request.supply(state(spec, request.sequenceStart()).retain());
        }
    }

    /**
     * Whether requests of two sequences find states of the same shapes, as a batch needs them.
     *
     * @param start whether the request of this sequence begins it
     * @param otherStart whether the request of the other one does
     */
    boolean fit(boolean start, SequenceStates other, boolean otherStart) {
        for (StateSpec spec : specs.values()) {
            if (!state(spec, start).shape().equals(other.state(spec, otherStart).shape())) {
                return false;
            }
        }
        return true;
    }

    private Tensor state(StateSpec spec, boolean start) {
        return start ? spec.initial() : current.getOrDefault(spec.output(), spec.initial());
    }

    /** Makes an output of the model the state for the requests to come. */
    void update(@Owned Tensor output) {
        StateSpec spec = specs.get(output.name());
        if (spec == null) {
            output.buffer().close();
            throw StatusException.invalidArgument(
                    "state '" + output.name() + "' is not a valid state name.");
        }
        Tensor before = current.put(output.name(), output.withName(spec.input()));
        if (before != null) {
            before.buffer().close();
        }
    }

    /** Forgets the states. */
    @Override
    public void close() {
        current.values().forEach(state -> state.buffer().close());
        current.clear();
    }
}
