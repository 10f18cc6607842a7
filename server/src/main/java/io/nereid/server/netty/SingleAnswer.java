package io.nereid.server.netty;

import io.nereid.protocol.InferenceResponse;
import io.nereid.protocol.Owned;
import io.nereid.protocol.ResponseSender;
import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.http.OutputSelection;
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
        HttpReply encode(@Owned InferenceResponse response, OutputSelection outputs);
    }

    private final HttpExchange exchange;
    private final OutputSelection outputs;
    private final Encoding encoding;
    private Optional<InferenceResponse> first = Optional.empty();
    private int responses;

    /**
     * @param outputs closed when the exchange is answered or abandoned
     */
    SingleAnswer(HttpExchange exchange, @Owned OutputSelection outputs, Encoding encoding) {
        this.exchange = exchange;
        this.outputs = outputs;
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
            exchange.reply(new Encodable(first.get()));
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
        outputs.close();
        exchange.fail(status);
    }

    private final class Encodable implements PendingReply {
        private final InferenceResponse response;

        Encodable(@Owned InferenceResponse response) {
            this.response = response;
        }

        @Override
        public @Owned HttpReply encode() {
            try (outputs) {
                return encoding.encode(response, outputs);
            }
        }

        @Override
        public void discard() {
            response.close();
            outputs.close();
        }
    }
}
