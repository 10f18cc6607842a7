package io.nereid.server.netty;

import io.nereid.protocol.InferenceResponse;
import io.nereid.protocol.Owned;
import io.nereid.protocol.ResponseSender;
import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import java.util.Optional;

/**
 * Answers an exchange with the only response of a model; several or none are an error (HTTP
 * protocol section 13). Methods are called by one thread at a time.
 */
final class SingleAnswer implements ResponseSender {
    /** Turns a response into bytes, on the event loop. */
    @FunctionalInterface
    interface Encoding {
        @Owned
        HttpReply encode(@Owned InferenceResponse response);
    }

    private final HttpExchange exchange;
    private final Encoding encoding;
    private Optional<InferenceResponse> first = Optional.empty();
    private int responses;

    SingleAnswer(HttpExchange exchange, Encoding encoding) {
        this.exchange = exchange;
        this.encoding = encoding;
    }

    @Override
    public void send(@Owned InferenceResponse response, boolean last) {
        responses++;
        if (responses == 1) {
            first = Optional.of(response);
        } else {
            response.close();
        }
        if (last) {
            complete();
        }
    }

    @Override
    public void complete() {
        if (responses == 1 && first.isPresent()) {
            exchange.reply(new Encodable(first.get(), encoding));
        } else {
            fail(
                    new StatusException(
                            StatusCode.INTERNAL, "expected a single response, got " + responses));
        }
    }

    @Override
    public void fail(StatusException status) {
        first.ifPresent(InferenceResponse::close);
        first = Optional.empty();
        exchange.fail(status);
    }

    private static final class Encodable implements PendingReply {
        private final InferenceResponse response;
        private final Encoding encoding;

        Encodable(@Owned InferenceResponse response, Encoding encoding) {
            this.response = response;
            this.encoding = encoding;
        }

        @Override
        public @Owned HttpReply encode() {
            return encoding.encode(response);
        }

        @Override
        public void discard() {
            response.close();
        }
    }
}
