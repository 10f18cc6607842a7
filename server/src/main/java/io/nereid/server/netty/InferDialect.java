package io.nereid.server.netty;

import io.nereid.protocol.InferenceRequest;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.http.EncodedResponse;
import java.util.Map;

/** Where front ends differ in how they carry infer requests. */
public interface InferDialect {
    /**
     * Refuses lengths that the protocol cannot name.
     *
     * @throws StatusException INVALID_ARG
     */
    void checkContentLength(long length);

    /**
     * How the head tells JSON from binary data.
     *
     * @throws StatusException INVALID_ARG if it says so in a wrong way
     */
    JsonPart jsonPart(HttpHead head);

    /** The error for a raw binary body over the limit (HTTP protocol section 11.8). */
    StatusException rawTooLarge(long byteSize, long limit);

    /** Whether answers are compressed for clients that accept it. */
    boolean compressesReplies();

    /**
     * Hands to the request what it takes from the head (HTTP protocol section 18). Asked after the
     * body has been read.
     *
     * @throws StatusException INVALID_ARG if that may not be
     */
    default void forwardHeaders(HttpHead head, InferenceRequest request) {}

    /** Headers of an answer: its content type, and where its JSON ends. */
    Map<String, String> replyHeaders(EncodedResponse response);
}
