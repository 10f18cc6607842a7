package io.nereid.server.grpc;

import io.grpc.Context;
import io.grpc.Deadline;
import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import java.util.concurrent.TimeUnit;

/** Why a call that has been cancelled was: its deadline came, or its client went away. */
final class CancelReason {
    /**
     * A client's clock starts earlier than the server's, by the time that its call is on the way.
     */
    private static final long SLACK_MILLIS = 10;

    private CancelReason() {}

    /** Of the call whose listener runs on this thread. */
    static StatusException ofCurrentCall() {
        Deadline deadline = Context.current().getDeadline();
        boolean over =
                deadline != null && deadline.timeRemaining(TimeUnit.MILLISECONDS) < SLACK_MILLIS;
        return over
                ? new StatusException(StatusCode.DEADLINE_EXCEEDED, "Request timeout expired")
                : new StatusException(StatusCode.CANCELLED, "");
    }
}
