package io.nereid.load.client.grpc;

import io.grpc.Status;

/** Statuses in words. */
final class Failures {
    private Failures() {}

    /** Whether the server has said so, and not the way to it. */
    static boolean isAnswer(Status status) {
        return status.getCause() == null;
    }

    /** What went wrong. */
    static String describe(Status status) {
        String description = status.getDescription();
        Throwable cause = status.getCause();
        String text = description == null ? "" : ": " + description;
        if (text.contains("SETTINGS") || text.contains("HTTP status code")) {
            return status.getCode() + ": what answers there is no gRPC; is it the HTTP port?";
        }
        return status.getCode() + text + (cause == null ? "" : " (" + cause.getMessage() + ")");
    }
}
