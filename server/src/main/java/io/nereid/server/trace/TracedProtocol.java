package io.nereid.server.trace;

import io.nereid.server.trace.CallTrace.Moment;

/** Protocols, which name the moments of a call differently (metrics section 11). */
public enum TracedProtocol {
    HTTP("HTTP_RECV", "HTTP_SEND"),
    GRPC("GRPC_WAITREAD", "GRPC_SEND");

    private final String receiving;
    private final String sending;

    TracedProtocol(String receiving, String sending) {
        this.receiving = receiving;
        this.sending = sending;
    }

    /** The name of a moment in traces. */
    String nameOf(Moment moment) {
        return switch (moment) {
            case RECEIVE_START -> receiving + "_START";
            case RECEIVE_END -> receiving + "_END";
            case RESPONSE_COMPLETE -> "INFER_RESPONSE_COMPLETE";
            case SEND_START -> sending + "_START";
            case SEND_END -> sending + "_END";
        };
    }
}
