package io.nereid.benchmarks.limits;

import io.nereid.protocol.InferenceResponse;
import io.nereid.protocol.Owned;
import io.nereid.protocol.ResponseSender;
import io.nereid.protocol.StatusException;

/** Throws answers away; a failure is thrown at whoever reports it. Any thread. */
public enum Discarding implements ResponseSender {
    SENDER;

    @Override
    public void send(@Owned InferenceResponse response, boolean last) {
        response.close();
    }

    @Override
    public void complete() {}

    @Override
    public void fail(StatusException status) {
        throw status;
    }
}
