package io.nereid.server.statistics;

import io.nereid.protocol.InferenceResponse;
import io.nereid.protocol.Owned;
import io.nereid.protocol.ResponseSender;
import io.nereid.protocol.StatusException;

/** Counts a request out of those in flight, before its last answer leaves. */
record EndCounter(ResponseSender next, VersionCounters counters) implements ResponseSender {
    @Override
    public void send(@Owned InferenceResponse response, boolean last) {
        if (last) {
            counters.ended();
        }
        next.send(response, last);
    }

    @Override
    public void complete() {
        counters.ended();
        next.complete();
    }

    @Override
    public void fail(StatusException status) {
        counters.ended();
        next.fail(status);
    }
}
