package io.nereid.server;

import io.nereid.protocol.InferenceRequest;
import io.nereid.protocol.ModelConfig;
import io.nereid.protocol.Scheduling;
import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;

/**
 * What a server that stops does not take on any more: new sequences. Those that have begun go on
 * (schedulers section 9).
 */
final class SequenceStarts {
    private SequenceStarts() {}

    /**
     * Refuses a request that begins a sequence.
     *
     * @throws StatusException UNAVAILABLE
     */
    static void refuse(ModelConfig config, InferenceRequest request) {
        if (request.sequenceStart() && config.scheduling() instanceof Scheduling.SequenceBatching) {
            throw new StatusException(
                    StatusCode.UNAVAILABLE,
                    "Server is stopping, scheduler for model has stopped accepting new inference"
                            + " requests");
        }
    }
}
