package io.nereid.server.conformance;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** One recorded gRPC call, unary or streaming: a line of {@code grpc.jsonl}. */
final class GoldenCall {
    private final JsonNode line;

    private GoldenCall(JsonNode line) {
        this.line = line;
    }

    /** The calls of one server, in the order of the file. */
    static List<GoldenCall> of(String server, Places places) {
        return Recording.of("grpc.jsonl", server, places).stream().map(GoldenCall::new).toList();
    }

    String name() {
        return line.get("name").asText();
    }

    String service() {
        return line.get("service").asText();
    }

    String rpc() {
        return line.get("rpc").asText();
    }

    Map<String, String> metadata() {
        Map<String, String> metadata = new TreeMap<>();
        line.path("metadata")
                .properties()
                .forEach(entry -> metadata.put(entry.getKey(), entry.getValue().asText()));
        return metadata;
    }

    /** Messages to send, as protobuf JSON. */
    List<JsonNode> requests() {
        return isStream() ? all("requests") : List.of(line.get("request"));
    }

    /** Messages that were received, as protobuf JSON. */
    List<JsonNode> responses() {
        if (isStream()) {
            return all("responses");
        }
        JsonNode message = line.get("response").get("message");
        return message == null ? List.of() : List.of(message);
    }

    /** Name of the code that ended the call. */
    String code() {
        return end().get("code").asText();
    }

    /** Text of the error that ended the call; empty without one. */
    String details() {
        return end().path("details").asText("");
    }

    /** The part of the error text that is fixed; empty if all of it is. */
    String errorPrefix() {
        return line.path("error_prefix").asText("");
    }

    /** Places of a message to leave out of the comparison, from its root. */
    List<String> volatilePlaces() {
        List<String> places = new ArrayList<>();
        line.path("volatile")
                .forEach(place -> places.add(place.asText().replaceFirst("^message\\.", "")));
        return places;
    }

    private boolean isStream() {
        return line.has("requests");
    }

    private JsonNode end() {
        return line.get(isStream() ? "status" : "response");
    }

    private List<JsonNode> all(String member) {
        List<JsonNode> all = new ArrayList<>();
        line.get(member).forEach(all::add);
        return all;
    }

    @Override
    public String toString() {
        return name();
    }
}
