package io.nereid.server.netty;

import io.nereid.protocol.InferenceResponse;
import io.nereid.protocol.Owned;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.http.EncodedResponse;
import java.util.Map;
import java.util.function.Function;

/** A response that becomes a piece of a streamed answer on the event loop. */
final class PendingEncoding implements PendingReply {
    /** Turns a response into bytes. */
    @FunctionalInterface
    interface Encoding {
        @Owned
        EncodedResponse encode(@Owned InferenceResponse response);
    }

    private final InferenceResponse response;
    private final Map<String, String> headers;
    private final Encoding encoding;
    private final Function<StatusException, HttpReply> onFailure;

    /**
     * @param headers of the piece
     * @param onFailure makes the piece that stands for a response that cannot be encoded
     */
    PendingEncoding(
            @Owned InferenceResponse response,
            Map<String, String> headers,
            Encoding encoding,
            Function<StatusException, HttpReply> onFailure) {
        this.response = response;
        this.headers = headers;
        this.encoding = encoding;
        this.onFailure = onFailure;
    }

    @Override
    public @Owned HttpReply encode() {
        EncodedResponse encoded;
        try {
            encoded = encoding.encode(response);
        } catch (StatusException e) {
            return onFailure.apply(e);
        }
        return HttpReply.encoded(headers, encoded);
    }

    @Override
    public void discard() {
        response.close();
    }
}
