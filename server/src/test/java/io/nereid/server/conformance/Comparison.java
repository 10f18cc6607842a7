package io.nereid.server.conformance;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.zip.GZIPInputStream;
import java.util.zip.InflaterInputStream;

/** Compares an answer with the recorded one, as the recording says. */
final class Comparison {
    private static final ObjectMapper JSON =
            JsonMapper.builder().enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS).build();
    private static final String JSON_LENGTH = "inference-header-content-length";
    private static final String SAGEMAKER_LENGTH = "json-header-size=";

    private final GoldenCase golden;
    private final Exchange.Reply reply;

    private Comparison(GoldenCase golden, Exchange.Reply reply) {
        this.golden = golden;
        this.reply = reply;
    }

    /** What differs; empty if the answer is right. */
    static Optional<String> difference(GoldenCase golden, Exchange.Reply reply) throws IOException {
        return new Comparison(golden, reply).difference();
    }

    private Optional<String> difference() throws IOException {
        int status = Differences.status(golden);
        if (reply.status() != status) {
            return Optional.of("status " + reply.status() + ", expected " + status + ": " + text());
        }
        if (Differences.isAnsweredBetter(golden)) {
            return Optional.empty();
        }
        for (String header : new String[] {"Content-Type", "Content-Encoding"}) {
            String expected = Differences.header(golden, header);
            String found = reply.headers().getOrDefault(header.toLowerCase(Locale.ROOT), "");
            if (!expected.equals(found) && !golden.compare().equals("binary")) {
                return Optional.of(header + " '" + found + "', expected '" + expected + "'");
            }
        }
        return switch (golden.compare()) {
            case "status" -> Optional.empty();
            case "binary" -> binary();
            case "gunzip-json" -> json(gunzip(golden.responseBody()), gunzip(reply.body()), false);
            case "inflate-json" ->
                    json(inflate(golden.responseBody()), inflate(reply.body()), false);
            case "json-shape" -> json(golden.responseBody(), reply.body(), true);
            default -> json(golden.responseBody(), reply.body(), false);
        };
    }

    private Optional<String> json(byte[] expectedBytes, byte[] foundBytes, boolean shapeOnly) {
        JsonNode expected;
        JsonNode found;
        try {
            expected = JSON.readTree(new String(expectedBytes, StandardCharsets.UTF_8));
            found = JSON.readTree(new String(foundBytes, StandardCharsets.UTF_8));
        } catch (JsonProcessingException e) {
            return Arrays.equals(expectedBytes, foundBytes)
                    ? Optional.empty()
                    : Optional.of("body " + text());
        }
        if (expected.has("error") || reply.status() >= 400) {
            return error(expected.path("error").asText(), found.path("error").asText());
        }
        for (String place : golden.volatilePlaces()) {
            String[] keys = place.replaceFirst("^/", "").split("/");
            Blank.out(expected, keys);
            Blank.out(found, keys);
        }
        JsonNode left = shapeOnly ? shape(expected) : byName(expected);
        JsonNode right = shapeOnly ? shape(found) : byName(found);
        return left.equals(right)
                ? Optional.empty()
                : Optional.of("found " + right + "\nexpected " + left);
    }

    private Optional<String> error(String expected, String found) {
        boolean right =
                found.equals(expected)
                        || Differences.isRight(golden, expected, found)
                        || golden.errorAlternatives().contains(found)
                        || (!golden.errorPrefix().isEmpty()
                                && found.startsWith(golden.errorPrefix()));
        return right
                ? Optional.empty()
                : Optional.of("error '" + found + "', expected '" + expected + "'");
    }

    private Optional<String> binary() throws IOException {
        Map<String, String> recorded = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        recorded.putAll(golden.responseHeaders());
        Map<String, String> expected = parts(golden.responseBody(), recorded);
        Map<String, String> found = parts(reply.body(), reply.headers());
        return expected.equals(found)
                ? Optional.empty()
                : Optional.of("found " + found + "\nexpected " + expected);
    }

    /** The JSON part and each output's bytes in hexadecimal. */
    private static Map<String, String> parts(byte[] body, Map<String, String> headers)
            throws IOException {
        String length = headers.get(JSON_LENGTH);
        if (length == null) {
            String type =
                    headers.getOrDefault("content-type", headers.getOrDefault("Content-Type", ""));
            length = type.substring(type.indexOf(SAGEMAKER_LENGTH) + SAGEMAKER_LENGTH.length());
        }
        int jsonLength = Integer.parseInt(length);
        JsonNode json = JSON.readTree(body, 0, jsonLength);
        Map<String, String> parts = new TreeMap<>();
        parts.put("", byName(json).toString());
        int offset = jsonLength;
        for (JsonNode output : json.path("outputs")) {
            JsonNode size = output.path("parameters").path("binary_data_size");
            if (!size.isMissingNode()) {
                int end = Math.min(body.length, offset + size.asInt());
                parts.put(
                        output.get("name").asText(),
                        HexFormat.of().formatHex(body, Math.min(offset, end), end));
                offset += size.asInt();
            }
        }
        parts.put(" rest", String.valueOf(body.length - offset));
        return parts;
    }

    private static JsonNode shape(JsonNode node) {
        if (node instanceof ObjectNode object) {
            ObjectNode shape = JsonNodeFactory.instance.objectNode();
            object.properties()
                    .forEach(member -> shape.set(member.getKey(), shape(member.getValue())));
            return shape;
        }
        if (node instanceof ArrayNode array) {
            ArrayNode shape = JsonNodeFactory.instance.arrayNode();
            if (!array.isEmpty()) {
                shape.add(shape(array.get(0)));
            }
            return shape;
        }
        return JsonNodeFactory.instance.textNode(node.getNodeType().name());
    }

    /** Outputs are compared by name, not by position; numbers by value. */
    private static JsonNode byName(JsonNode node) {
        if (!(node instanceof ObjectNode object) || !(node.get("outputs") instanceof ArrayNode)) {
            return node;
        }
        ObjectNode sorted = object.deepCopy();
        Map<String, JsonNode> outputs = new TreeMap<>();
        for (JsonNode output : object.get("outputs")) {
            outputs.put(output.path("name").asText(), output);
        }
        sorted.set("outputs", JsonNodeFactory.instance.arrayNode().addAll(outputs.values()));
        return sorted;
    }

    private String text() {
        String text = new String(reply.body(), StandardCharsets.UTF_8);
        return text.length() > 300 ? text.substring(0, 300) : text;
    }

    private static byte[] gunzip(byte[] bytes) throws IOException {
        try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(bytes))) {
            return in.readAllBytes();
        }
    }

    private static byte[] inflate(byte[] bytes) throws IOException {
        try (InflaterInputStream in = new InflaterInputStream(new ByteArrayInputStream(bytes))) {
            return in.readAllBytes();
        }
    }
}
