package io.nereid.backend;

import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;

/** Why a request failed, as the metrics tell it (metrics section 4). */
public enum FailureReason {
    /** It waited longer than its queue's policy, or its client, allows. */
    REJECTED,
    /** Whoever asked went away. */
    CANCELED,
    /** The engine reported it. */
    BACKEND,
    /** An ensemble failed. */
    OTHER;

    /** How it counts that a request was cancelled for a reason. */
    public static FailureReason ofCancellation(StatusException reason) {
        return reason.code() == StatusCode.CANCELLED ? CANCELED : REJECTED;
    }
}
