package io.nereid.server.netty;

import io.nereid.protocol.InferenceResponse;
import io.nereid.protocol.Owned;
import io.nereid.protocol.ResponseSender;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.Tensor;
import io.nereid.protocol.http.GenerateEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Answers a generate request with one server-sent event per response; an error is an event too. The
 * status is that of the first event. Methods are called by one thread at a time.
 */
final class GeneratedEvents implements ResponseSender {
    private static final byte[] BEFORE = "data: ".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] AFTER = "\n\n".getBytes(StandardCharsets.US_ASCII);

    private final StreamedReply reply;
    private final GenerateEncoder encoder;
    private final Supplier<Map<String, String>> headers;
    private boolean begun;

    /**
     * @param headers gives those of the answer, asked once
     */
    GeneratedEvents(
            StreamedReply reply, GenerateEncoder encoder, Supplier<Map<String, String>> headers) {
        this.reply = reply;
        this.encoder = encoder;
        this.headers = headers;
    }

    @Override
    public void send(@Owned InferenceResponse response, boolean last) {
        Map<String, String> first = headersOfFirst();
        reply.send(
                new PendingEncoding(
                        response, first, encoder::encodeEvent, status -> event(status, first)),
                Tensor.byteSize(response.outputs()));
        if (last) {
            reply.end();
        }
    }

    @Override
    public void complete() {
        if (!begun) {
            reply.send(HttpReply.of(200, headersOfFirst(), new byte[0]), 0);
        }
        reply.end();
    }

    @Override
    public void fail(StatusException status) {
        HttpReply event = event(status, headersOfFirst());
        reply.send(event, event.contentLength());
        reply.end();
    }

    /** Only the first piece of an answer needs headers. */
    private Map<String, String> headersOfFirst() {
        if (begun) {
            return Map.of();
        }
        begun = true;
        return headers.get();
    }

    private static HttpReply event(StatusException status, Map<String, String> headers) {
        byte[] json = JsonText.error(status.text());
        byte[] event = new byte[BEFORE.length + json.length + AFTER.length];
        System.arraycopy(BEFORE, 0, event, 0, BEFORE.length);
        System.arraycopy(json, 0, event, BEFORE.length, json.length);
        System.arraycopy(AFTER, 0, event, BEFORE.length + json.length, AFTER.length);
        return HttpReply.of(status.code().httpStatus(), headers, event);
    }
}
