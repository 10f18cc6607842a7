package io.nereid.server.netty;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpObject;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What is wrong with the head of a request (HTTP protocol section 1). */
final class HeadRules {
    private HeadRules() {}

    /** Whether one element of the head is over the limit. */
    static boolean isTooLong(HttpHead head) {
        int limit = StrictRequestDecoder.LONGEST_ELEMENT;
        if (head.path().length() > limit) {
            return true;
        }
        for (Map.Entry<String, String> header : head.headers()) {
            if (header.getKey().length() > limit || header.getValue().length() > limit) {
                return true;
            }
        }
        return false;
    }

    /** The text for a message that the decoder refused. */
    static String describe(HttpObject object, @Nullable Throwable cause) {
        if (object instanceof HttpMessage message) {
            String length = message.headers().get(HttpHeaderNames.CONTENT_LENGTH);
            if (length != null && !isLength(length)) {
                return switch (CNumber.parse(length)) {
                    case CNumber.OutOfRange _ ->
                            "Unable to parse Content-Length, value is out of range "
                                    + CNumber.RANGE
                                    + ", got: "
                                    + length;
                    case CNumber.NotANumber _, CNumber.Value _ ->
                            "Unable to parse Content-Length, got: " + length;
                };
            }
        }
        return "malformed HTTP request"
                + (cause == null || cause.getMessage() == null ? "" : ": " + cause.getMessage());
    }

    private static boolean isLength(String text) {
        return !text.isEmpty()
                && text.length() <= 18
                && text.chars().allMatch(c -> c >= '0' && c <= '9');
    }
}
