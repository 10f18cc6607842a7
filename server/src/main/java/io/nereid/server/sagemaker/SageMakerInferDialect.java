package io.nereid.server.sagemaker;

import io.nereid.protocol.StatusException;
import io.nereid.protocol.http.EncodedResponse;
import io.nereid.server.netty.CNumber;
import io.nereid.server.netty.HttpHead;
import io.nereid.server.netty.InferDialect;
import io.nereid.server.netty.JsonPart;
import java.util.Map;

/** Binary data is announced in the content type (SageMaker section 6). */
final class SageMakerInferDialect implements InferDialect {
    private static final String BINARY =
            "application/vnd.sagemaker-triton.binary+json;json-header-size=";

    @Override
    public JsonPart jsonPart(HttpHead head) {
        String contentType = head.header("Content-Type").orElse("");
        int at = contentType.indexOf(BINARY);
        if (at < 0) {
            return new JsonPart.Whole();
        }
        if (at > 0) {
            throw StatusException.invalidArgument(
                    "expect MIME type for binary data starts with '"
                            + BINARY
                            + "', got: "
                            + contentType);
        }
        String size = contentType.substring(BINARY.length());
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
                response.isBinary() ? BINARY + response.json().byteSize() : "application/json";
        return Map.of("Content-Type", type);
    }
}
