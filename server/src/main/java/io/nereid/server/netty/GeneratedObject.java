package io.nereid.server.netty;

import io.nereid.protocol.InferenceResponse;
import io.nereid.protocol.Owned;
import io.nereid.protocol.ResponseSender;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.Tensor;
import io.nereid.protocol.http.GenerateEncoder;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Answers a generate request with the only response of a model. Anything but one response is an
 * error that keeps the status of what came first, as the reference has it: 200 unless that was an
 * error. Methods are called by one thread at a time.
 */
final class GeneratedObject implements ResponseSender {
    private static final byte[] NOT_ONE =
            JsonText.error(
                    "generate expects model to produce exactly 1 response, use generate stream for"
                            + " model that generates various number of responses");

    private final StreamedReply reply;
    private final GenerateEncoder encoder;
    private final Supplier<Map<String, String>> headers;
    private Optional<InferenceResponse> only = Optional.empty();
    private int responses;

    /**
     * @param headers gives those of the answer
     */
    GeneratedObject(
            StreamedReply reply, GenerateEncoder encoder, Supplier<Map<String, String>> headers) {
        this.reply = reply;
        this.encoder = encoder;
        this.headers = headers;
    }

    @Override
    public void send(@Owned InferenceResponse response, boolean last) {
        responses++;
        if (responses == 1) {
            only = Optional.of(response);
        } else {
            response.close();
            forget();
        }
        if (last) {
            complete();
        }
    }

    @Override
    public void complete() {
        if (only.isPresent()) {
            InferenceResponse response = only.get();
            reply.send(
                    new PendingEncoding(response, headers.get(), encoder::encode, HttpReply::error),
                    Tensor.byteSize(response.outputs()));
        } else {
            reply.send(HttpReply.of(200, headers.get(), NOT_ONE), NOT_ONE.length);
        }
        reply.end();
    }

    @Override
    public void fail(StatusException status) {
        forget();
        reply.send(
                responses == 0
                        ? HttpReply.error(status)
                        : HttpReply.of(200, headers.get(), NOT_ONE),
                NOT_ONE.length);
        reply.end();
    }

    private void forget() {
        only.ifPresent(InferenceResponse::close);
        only = Optional.empty();
    }
}
