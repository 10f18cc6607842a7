package io.nereid.server.conformance;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** One recorded HTTP exchange: a line of {@code http.jsonl}. */
final class GoldenCase {
    private final JsonNode line;

    private GoldenCase(JsonNode line) {
        this.line = line;
    }

    /** The cases of one server, in the order of the file. */
    static List<GoldenCase> of(String server, Places places) {
        return Recording.of("http.jsonl", server, places).stream().map(GoldenCase::new).toList();
    }

    /** One request of a recording whose answer is given in the same place. */
    static GoldenCase of(JsonNode recorded) {
        return new GoldenCase(recorded);
    }

    String name() {
        return line.get("name").asText();
    }

    String method() {
        return request().get("method").asText();
    }

    String path() {
        return request().get("path").asText();
    }

    /** Name of the port that the request goes to; empty for the HTTP port. */
    String endpoint() {
        return request().path("endpoint").asText("");
    }

    Map<String, String> requestHeaders() {
        return headers(request());
    }

    byte[] requestBody() {
        return body(request().path("body"));
    }

    List<Integer> chunkSizes() {
        List<Integer> sizes = new ArrayList<>();
        request().path("chunk_sizes").forEach(size -> sizes.add(size.asInt()));
        return sizes;
    }

    boolean noContentLength() {
        return request().path("no_content_length").asBoolean();
    }

    boolean closesConnection() {
        return response().has("closed") || response().has("exception");
    }

    int status() {
        return response().get("status").asInt();
    }

    Map<String, String> responseHeaders() {
        return headers(response());
    }

    byte[] responseBody() {
        return body(response().path("body"));
    }

    /** How the recording says that the answers are compared. */
    String compare() {
        return line.get("compare").asText();
    }

    /** Places to leave out of the comparison. */
    List<String> volatilePlaces() {
        return texts("volatile");
    }

    /** Error texts that are as right as the recorded one. */
    List<String> errorAlternatives() {
        return texts("error_alternatives");
    }

    /** The part of the error text that is fixed; empty if all of it is. */
    String errorPrefix() {
        return line.path("error_prefix").asText("");
    }

    /** Bytes that a shared memory region has to hold afterwards. */
    Optional<RegionBytes> regionAfter() {
        JsonNode after = line.path("shm_after");
        return after.isMissingNode()
                ? Optional.empty()
                : Optional.of(
                        new RegionBytes(
                                after.get("key").asText(),
                                after.get("offset").asLong(),
                                HexFormat.of().formatHex(decoded(after))));
    }

    /** Expected contents of a region, in hexadecimal. */
    record RegionBytes(String key, long offset, String bytes) {}

    private List<String> texts(String member) {
        List<String> texts = new ArrayList<>();
        line.path(member).forEach(text -> texts.add(text.asText()));
        return texts;
    }

    private JsonNode request() {
        return line.get("request");
    }

    private JsonNode response() {
        return line.get("response");
    }

    private static Map<String, String> headers(JsonNode message) {
        Map<String, String> headers = new LinkedHashMap<>();
        message.path("headers")
                .properties()
                .forEach(header -> headers.put(header.getKey(), header.getValue().asText()));
        return headers;
    }

    private static byte[] body(JsonNode body) {
        if (body.has("text")) {
            return body.get("text").asText().getBytes(StandardCharsets.UTF_8);
        }
        if (body.has("base64")) {
            return decoded(body);
        }
        byte[] filled = new byte[body.path("size").asInt()];
        Arrays.fill(filled, (byte) body.path("fill_byte").asInt());
        return filled;
    }

    private static byte[] decoded(JsonNode body) {
        return Base64.getDecoder().decode(body.get("base64").asText());
    }

    @Override
    public String toString() {
        return name();
    }
}
