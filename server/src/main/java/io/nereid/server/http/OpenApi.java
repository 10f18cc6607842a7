package io.nereid.server.http;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.nereid.protocol.ModelConfig;
import io.nereid.repository.IndexEntry;
import io.nereid.server.InferenceServer;
import io.nereid.server.netty.JsonText;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Documents in OpenAPI 3.1: one of the whole server, one of each model. What is the same for all
 * servers is written by hand in {@code openapi.json} beside this class; models are added to it.
 * Immutable; may be used from any thread.
 */
final class OpenApi {
    private static final JsonFactory FACTORY = new JsonFactory();

    /** Most elements of an example in the document of the server, which has every model in it. */
    private static final long LARGEST_AMONG_OTHERS = 256;

    /** Most elements of an example in the document of a model. */
    private static final long LARGEST = 1 << 20;

    private final InferenceServer server;
    private final byte[] protocol;

    private OpenApi(InferenceServer server, byte[] protocol) {
        this.server = server;
        this.protocol = protocol;
    }

    /** Reads what is the same for all servers. */
    static OpenApi load(InferenceServer server) {
        try (InputStream resource = OpenApi.class.getResourceAsStream("openapi.json")) {
            if (resource == null) {
                throw new IllegalStateException("openapi.json is missing beside " + OpenApi.class);
            }
            return new OpenApi(server, resource.readAllBytes());
        } catch (IOException e) {
            throw new UncheckedIOException("openapi.json cannot be read", e);
        }
    }

    /** The document of the whole server: the protocol's paths, and those of ready models. */
    byte[] ofServer() {
        List<String> names =
                server.index().stream()
                        .map(IndexEntry::name)
                        .collect(Collectors.toCollection(TreeSet::new))
                        .stream()
                        .toList();
        String title = server.metadata().name();
        return JsonText.write(json ->
                copy(
                        json,
                        title,
                        (parser, paths) -> {
                            copyMembers(parser, paths);
                            for (String name : names) {
                                Optional<ModelConfig> config = ModelsJson.config(server, name);
                                if (config.isPresent()) {
                                    new OpenApiModel(
                                                    config.get(),
                                                    Optional.empty(),
                                                    LARGEST_AMONG_OTHERS)
                                            .writeInference(paths);
                                }
                            }
                        }));
    }

    /**
     * The document of one model.
     *
     * @param version empty for the newest that is ready, whose paths then name no version
     * @throws io.nereid.protocol.StatusException if the model cannot be asked
     */
    byte[] ofModel(String name, OptionalLong version) {
        ModelConfig config = server.model(name, version).config();
        Optional<Long> named =
                version.isPresent() ? Optional.of(version.getAsLong()) : Optional.empty();
        OpenApiModel model = new OpenApiModel(config, named, LARGEST);
        return JsonText.write(json ->
                copy(
                        json,
                        name,
                        (parser, paths) -> {
                            parser.skipChildren();
                            model.writeInference(paths);
                            model.writeDescription(paths);
                        }));
    }

    /** Writes the members of {@code paths}; the parser stands at the beginning of the object. */
    @FunctionalInterface
    private interface Paths {
        void write(JsonParser parser, JsonGenerator json) throws IOException;
    }

    private void copy(JsonGenerator json, String title, Paths paths) throws IOException {
        try (JsonParser parser = FACTORY.createParser(protocol)) {
            parser.nextToken();
            json.writeStartObject();
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                String member = parser.currentName();
                parser.nextToken();
                json.writeFieldName(member);
                switch (member) {
                    case "info" -> {
                        parser.skipChildren();
                        json.writeStartObject();
                        json.writeStringField("title", title);
                        json.writeStringField("version", server.metadata().version());
                        json.writeEndObject();
                    }
                    case "paths" -> {
                        json.writeStartObject();
                        paths.write(parser, json);
                        json.writeEndObject();
                    }
                    default -> json.copyCurrentStructure(parser);
                }
            }
            json.writeEndObject();
        }
    }

    private static void copyMembers(JsonParser parser, JsonGenerator json) throws IOException {
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            json.copyCurrentStructure(parser);
        }
    }
}
