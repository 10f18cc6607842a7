package io.nereid.backend.scheduler.sequence;

import io.nereid.protocol.CorrelationId;
import io.nereid.protocol.InferenceRequest;
import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;

/** Why a request does not get in, in the words of schedulers section 9. */
final class Refusals {
    private final String model;

    Refusals(String model) {
        this.model = model;
    }

    Arrival batchSize() {
        return must("specify batch-size 1 due to requirements of sequence batcher");
    }

    Arrival noId() {
        return must("specify a non-zero or non-empty correlation ID");
    }

    private Arrival must(String rule) {
        return invalid("inference request to model '" + model + "' must " + rule);
    }

    Arrival notStarted(CorrelationId id) {
        return invalid(
                "inference request for sequence "
                        + id.text()
                        + " to model '"
                        + model
                        + "' must specify the START flag on the first request of the sequence");
    }

    Arrival stopping() {
        return unavailable(
                "Server is stopping, scheduler for model has stopped accepting new inference"
                        + " requests");
    }

    Arrival full(InferenceRequest request) {
        return unavailable(request.idPrefix() + "Exceeds maximum queue size");
    }

    private static Arrival invalid(String text) {
        return new Arrival.Refused(StatusException.invalidArgument(text));
    }

    private static Arrival unavailable(String text) {
        return new Arrival.Refused(new StatusException(StatusCode.UNAVAILABLE, text));
    }
}
