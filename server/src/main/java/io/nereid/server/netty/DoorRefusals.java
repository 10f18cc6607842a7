package io.nereid.server.netty;

import io.nereid.protocol.InferenceResponse;
import io.nereid.protocol.Owned;
import io.nereid.protocol.ResponseSender;
import io.nereid.protocol.StatusException;

/**
 * Tells a request that was refused from one that failed later: what ends it with an error before
 * the call that hands it on has returned, on the thread of that call, is a refusal, which is
 * answered in plain.
 */
final class DoorRefusals implements ResponseSender {
    private final HttpExchange exchange;
    private final ResponseSender next;
    private final Thread asking = Thread.currentThread();

    /** Belongs to the asking thread. */
    private boolean passed;

    DoorRefusals(HttpExchange exchange, ResponseSender next) {
        this.exchange = exchange;
        this.next = next;
    }

    /** The request has been handed on, or its end is known already. */
    void passed() {
        passed = true;
    }

    @Override
    public void send(@Owned InferenceResponse response, boolean last) {
        if (Thread.currentThread().equals(asking)) {
            passed = true;
        }
        next.send(response, last);
    }

    @Override
    public void complete() {
        next.complete();
    }

    @Override
    public void fail(StatusException status) {
        if (Thread.currentThread().equals(asking) && !passed) {
            exchange.reply(HttpReply.error(status));
        } else {
            next.fail(status);
        }
    }
}
