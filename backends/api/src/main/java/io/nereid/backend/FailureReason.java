package io.nereid.backend;

/** Why a request failed, as the metrics tell it (metrics section 4). */
public enum FailureReason {
    /** It waited longer than its queue's policy allows. */
    REJECTED,
    /** Whoever asked went away. */
    CANCELED,
    /** The engine reported it. */
    BACKEND,
    /** An ensemble failed. */
    OTHER
}
