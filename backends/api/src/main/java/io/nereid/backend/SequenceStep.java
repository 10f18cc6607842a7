package io.nereid.backend;

import io.nereid.protocol.Owned;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.Tensor;
import java.util.Set;

/**
 * What one execution of a request means to the sequence that the request belongs to. Made by the
 * scheduler of sequences, reached by engines through {@link Batch}. Used by one thread at a time:
 * during the execution by the instance's.
 */
public interface SequenceStep {
    /** Of a request that belongs to no sequence. */
    SequenceStep NONE =
            new SequenceStep() {
                @Override
                public Set<String> stateOutputs() {
                    return Set.of();
                }

                @Override
                public void update(@Owned Tensor output) {
                    output.buffer().close();
                    throw StatusException.invalidArgument(
                            "state '" + output.name() + "' is not a valid state name.");
                }

                @Override
                public void reschedule() {
                    throw notIterative();
                }

                @Override
                public boolean isRescheduled() {
                    return false;
                }

                @Override
                public boolean isPadding() {
                    return false;
                }
            };

    /** Names of the outputs that become the sequence's states (schedulers section 13). */
    Set<String> stateOutputs();

    /**
     * Makes an output the sequence's state.
     *
     * @throws StatusException INVALID_ARG if no state has an output of that name
     */
    void update(@Owned Tensor output);

    /**
     * Has the request executed again (schedulers section 12).
     *
     * @throws StatusException INVALID_ARG if the model's sequences are not iterative
     */
    void reschedule();

    /** Whether the request is executed again. */
    boolean isRescheduled();

    /** Whether the request only fills a place in the batch; nobody waits for it or counts it. */
    boolean isPadding();

    /** What {@link #reschedule} throws where it is not allowed. */
    static StatusException notIterative() {
        return StatusException.invalidArgument(
                "Request is released with TRITONSERVER_REQUEST_RELEASE_RESCHEDULE, while the model"
                        + " is not configured to handle such a flag.");
    }
}
