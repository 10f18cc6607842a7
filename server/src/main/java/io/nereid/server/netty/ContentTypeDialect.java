package io.nereid.server.netty;

import io.nereid.protocol.StatusException;
import io.nereid.protocol.http.EncodedResponse;
import java.util.Map;

/**
 * Binary data is announced in the content type, as on the platforms that hand no other header on
 * (SageMaker section 6). Immutable.
 */
public final class ContentTypeDialect implements InferDialect {
    private final String marker;

    /**
     * @param marker what the content type of binary data begins with, up to the number of bytes of
     *     JSON
     */
    public ContentTypeDialect(String marker) {
        this.marker = marker;
    }

    @Override
    public JsonPart jsonPart(HttpHead head) {
        String contentType = head.header("Content-Type").orElse("");
        int at = contentType.indexOf(marker);
        if (at < 0) {
            return new JsonPart.Whole();
        }
        if (at > 0) {
            throw StatusException.invalidArgument(
                    "expect MIME type for binary data starts with '"
                            + marker
                            + "', got: "
                            + contentType);
        }
        String size = contentType.substring(marker.length());
        return switch (CNumber.parse(size)) {
            case CNumber.Value(int value) -> new JsonPart.Announced(value, size);
            case CNumber.NotANumber _ ->
                    throw StatusException.invalidArgument(
                            "Unable to parse inference header size, got: " + size);
            case CNumber.OutOfRange _ ->
                    throw StatusException.invalidArgument(
                            "Unable to parse inference header size, value is out of range, got: "
                                    + size);
        };
    }

    @Override
    public StatusException rawTooLarge(long byteSize, long limit) {
        return StatusException.invalidArgument(
                "Raw input has a byte_size ("
                        + byteSize
                        + " bytes) that exceeds the maximum allowed input size of "
                        + limit
                        + " bytes. Use --http-max-input-size to increase the limit.");
    }

    /** Lengths have 64 bits here (SageMaker section 6.1). */
    @Override
    public void checkContentLength(long length) {}

    /** The platform hands answers on as they are. */
    @Override
    public boolean compressesReplies() {
        return false;
    }

    @Override
    public Map<String, String> replyHeaders(EncodedResponse response) {
        String type =
                response.isBinary() ? marker + response.json().byteSize() : "application/json";
        return Map.of("Content-Type", type);
    }
}
