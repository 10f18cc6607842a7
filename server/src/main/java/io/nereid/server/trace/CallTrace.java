package io.nereid.server.trace;

import io.nereid.protocol.RequestTrace;

/**
 * Told of what happens to a client's call at the front end, around the request that it makes of it
 * (metrics section 11). A call that is not traced has {@link #NONE}, which does nothing. Methods
 * may be called on any thread, never block and never throw.
 */
public interface CallTrace {
    /** Of a call that is not traced. */
    CallTrace NONE =
            new CallTrace() {
                @Override
                public void at(Moment moment) {}

                @Override
                public void at(Moment moment, long nanos) {}

                @Override
                public RequestTrace request() {
                    return RequestTrace.NONE;
                }

                @Override
                public void close() {}
            };

    /** What front ends tell of. */
    enum Moment {
        RECEIVE_START,
        RECEIVE_END,
        RESPONSE_COMPLETE,
        SEND_START,
        SEND_END
    }

    /** That happens now. */
    void at(Moment moment);

    /** That happened at {@code nanos} of {@link CallTracer#now}. */
    void at(Moment moment, long nanos);

    /** Told of the request that the call makes. */
    RequestTrace request();

    /** The front end has done with the call. Later calls of anything do nothing. */
    void close();
}
