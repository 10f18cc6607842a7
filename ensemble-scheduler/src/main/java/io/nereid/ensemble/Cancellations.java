package io.nereid.ensemble;

import io.nereid.protocol.InferenceRequest;
import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;

/** How the end of an ensemble's request before its time reaches the requests of its steps. */
final class Cancellations {
    private Cancellations() {}

    /** What a request that was cancelled ends with: the reason, such as that its time is over. */
    static StatusException statusOf(InferenceRequest cancelled) {
        return cancelled.cancellation().orElseThrow();
    }

    /**
     * Gives the request of a step up, for the reason for which the ensemble's was given up if it
     * was.
     *
     * @param parent the ensemble's request, cancelled itself or failed
     */
    static void cancel(InferenceRequest parent, InferenceRequest step) {
        parent.cancellation().ifPresentOrElse(step::cancel, step::cancel);
    }

    /** Whether a failure only says that the request was cancelled. */
    static boolean explains(InferenceRequest request, StatusException failure) {
        return request.cancellation()
                .filter(reason ->
                        failure.code() == StatusCode.CANCELLED || failure.code() == reason.code())
                .isPresent();
    }
}
