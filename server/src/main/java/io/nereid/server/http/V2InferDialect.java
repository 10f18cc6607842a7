package io.nereid.server.http;

import io.nereid.protocol.InferenceRequest;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.http.EncodedResponse;
import io.nereid.server.netty.CNumber;
import io.nereid.server.netty.HttpHead;
import io.nereid.server.netty.InferDialect;
import io.nereid.server.netty.JsonPart;
import io.nereid.server.security.HeaderForwarding;
import java.util.Map;
import java.util.Optional;

/** How infer requests say where their JSON ends (HTTP protocol sections 11.2, 11.8 and 13). */
final class V2InferDialect implements InferDialect {
    static final String JSON_LENGTH = "Inference-Header-Content-Length";

    private final HeaderForwarding forwarding;

    V2InferDialect(HeaderForwarding forwarding) {
        this.forwarding = forwarding;
    }

    @Override
    public JsonPart jsonPart(HttpHead head) {
        Optional<String> announced = head.header(JSON_LENGTH);
        return announced.isEmpty() ? new JsonPart.Whole() : parse(announced.get());
    }

    @Override
    public void checkContentLength(long length) {
        if (length > Integer.MAX_VALUE) {
            throw StatusException.invalidArgument(
                    "Unable to parse Content-Length, value is out of range "
                            + CNumber.RANGE
                            + ", got: "
                            + length);
        }
    }

    private static JsonPart parse(String text) {
        // an empty header is named in the error by the blank that stands before its value
        String named = text.isEmpty() ? " " : text;
        return switch (CNumber.parse(text)) {
            case CNumber.Value(int value) -> new JsonPart.Announced(value, text);
            case CNumber.NotANumber _ ->
                    throw StatusException.invalidArgument(
                            "Unable to parse " + JSON_LENGTH + ", got: " + named);
            case CNumber.OutOfRange _ ->
                    throw StatusException.invalidArgument(
                            "Unable to parse "
                                    + JSON_LENGTH
                                    + ", value is out of range "
                                    + CNumber.RANGE
                                    + ", got: "
                                    + named);
        };
    }

    @Override
    public StatusException rawTooLarge(long byteSize, long limit) {
        return StatusException.invalidArgument(
                "Raw input has a byte_size ("
                        + byteSize
                        + " bytes) that exceeds the maximum allowed value of "
                        + limit
                        + " bytes. Use --http-max-input-size to increase the limit.");
    }

    @Override
    public boolean compressesReplies() {
        return true;
    }

    @Override
    public void forwardHeaders(HttpHead head, InferenceRequest request) {
        forwarding.forward(head.headers(), request);
    }

    @Override
    public Map<String, String> replyHeaders(EncodedResponse response) {
        if (!response.isBinary()) {
            return Map.of("Content-Type", "application/json");
        }
        return Map.of(
                "Content-Type",
                "application/octet-stream",
                JSON_LENGTH,
                Long.toString(response.json().byteSize()));
    }
}
