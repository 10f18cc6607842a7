package io.nereid.server.http;

import com.fasterxml.jackson.core.JsonGenerator;
import io.nereid.protocol.ModelConfig;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Optional;

/** The paths of one model in an OpenAPI document. */
final class OpenApiModel {
    private static final HexFormat HEX = HexFormat.of().withUpperCase();
    private static final String UNRESERVED =
            "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";

    private final ModelConfig config;
    private final String path;
    private final OpenApiSchemas schemas;
    private final OpenApiExample example;

    /**
     * @param version what the paths name
     * @param largestExample most elements of an example; a request with more is shown without
     */
    OpenApiModel(ModelConfig config, Optional<Long> version, long largestExample) {
        this.config = config;
        this.path =
                "/v2/models/"
                        + encoded(config.name())
                        + version.map(number -> "/versions/" + number).orElse("");
        this.schemas = new OpenApiSchemas(config);
        this.example = new OpenApiExample(config, largestExample);
    }

    /** Percent-encoded, so that it is one segment of a path and no template. */
    private static String encoded(String segment) {
        StringBuilder text = new StringBuilder();
        for (byte b : segment.getBytes(StandardCharsets.UTF_8)) {
            if (b > ' ' && UNRESERVED.indexOf(b) >= 0) {
                text.append((char) b);
            } else {
                text.append('%').append(HEX.toHexDigits(b));
            }
        }
        return text.toString();
    }

    /** Infer, or the generate endpoints if a request has any number of responses. */
    void writeInference(JsonGenerator json) throws IOException {
        if (config.decoupled()) {
            json.writeFieldName(path + "/generate_stream");
            generate(json, "stream from ", "Ask for any number of responses", true);
            json.writeFieldName(path + "/generate");
            generate(json, "generate from ", "Ask for exactly one response", false);
        } else {
            json.writeFieldName(path + "/infer");
            infer(json);
        }
    }

    /** What tells about the model. */
    void writeDescription(JsonGenerator json) throws IOException {
        get(json, "", "metadata", "What the model is", "ModelMetadata");
        get(json, "/ready", "health", "Whether the model can be asked", "");
        get(json, "/config", "model-config", "Its configuration", "");
        get(json, "/stats", "statistics", "What it has done", "Statistics");
    }

    private void get(JsonGenerator json, String tail, String tag, String summary, String schema)
            throws IOException {
        json.writeObjectFieldStart(path + tail);
        beginOperation(json, "get", tag, tag + " of ", summary);
        json.writeObjectFieldStart("responses");
        json.writeObjectFieldStart("200");
        json.writeStringField("description", summary);
        if (!schema.isEmpty()) {
            beginContent(json, "application/json");
            json.writeFieldName("schema");
            OpenApiSchemas.reference(json, schema);
            endContent(json);
        }
        json.writeEndObject();
        endResponses(json);
        json.writeEndObject();
        json.writeEndObject();
    }

    private void infer(JsonGenerator json) throws IOException {
        json.writeStartObject();
        beginOperation(json, "post", "inference", "ask ", "Ask " + config.name());
        beginBody(json);
        schemas.inferRequest(json);
        if (example.fits()) {
            json.writeFieldName("example");
            example.inferRequest(json);
        }
        endBody(json);
        beginAnswer(json, "application/json");
        schemas.inferResponse(json);
        endContent(json);
        json.writeEndObject();
        endResponses(json);
        json.writeEndObject();
        json.writeEndObject();
    }

    private void generate(JsonGenerator json, String id, String summary, boolean stream)
            throws IOException {
        json.writeStartObject();
        beginOperation(json, "post", "inference", id, summary);
        beginBody(json);
        schemas.generateRequest(json);
        if (example.fits()) {
            json.writeFieldName("example");
            example.generateRequest(json);
        }
        endBody(json);
        if (stream) {
            beginAnswer(json, "text/event-stream");
            json.writeObjectFieldStart("schema");
            json.writeStringField("type", "string");
            json.writeStringField("description", "Each event is one response as JSON: data: {...}");
            json.writeEndObject();
        } else {
            beginAnswer(json, "application/json");
            schemas.generateResponse(json);
        }
        endContent(json);
        json.writeEndObject();
        endResponses(json);
        json.writeEndObject();
        json.writeEndObject();
    }

    private void beginOperation(
            JsonGenerator json, String method, String tag, String id, String summary)
            throws IOException {
        json.writeObjectFieldStart(method);
        json.writeArrayFieldStart("tags");
        json.writeString(tag);
        json.writeEndArray();
        json.writeStringField("operationId", id + config.name());
        json.writeStringField("summary", summary);
    }

    private static void beginBody(JsonGenerator json) throws IOException {
        json.writeObjectFieldStart("requestBody");
        json.writeBooleanField("required", true);
        beginContent(json, "application/json");
        json.writeFieldName("schema");
    }

    private static void endBody(JsonGenerator json) throws IOException {
        endContent(json);
        json.writeEndObject();
        json.writeObjectFieldStart("responses");
    }

    /** Up to the schema of the answer, or the name of its member for JSON. */
    private static void beginAnswer(JsonGenerator json, String type) throws IOException {
        json.writeObjectFieldStart("200");
        json.writeStringField("description", "The answer");
        beginContent(json, type);
        if (type.equals("application/json")) {
            json.writeFieldName("schema");
        }
    }

    private static void beginContent(JsonGenerator json, String type) throws IOException {
        json.writeObjectFieldStart("content");
        json.writeObjectFieldStart(type);
    }

    private static void endContent(JsonGenerator json) throws IOException {
        json.writeEndObject();
        json.writeEndObject();
    }

    private static void endResponses(JsonGenerator json) throws IOException {
        json.writeObjectFieldStart("default");
        json.writeStringField("$ref", "#/components/responses/Error");
        json.writeEndObject();
        json.writeEndObject();
    }
}
