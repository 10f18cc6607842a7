package io.nereid.server.http;

import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.http.JsonView;
import io.nereid.repository.IndexEntry;
import io.nereid.repository.ModelOverride;
import io.nereid.repository.VersionState;
import io.nereid.server.InferenceServer;
import io.nereid.server.netty.AdminBody;
import io.nereid.server.netty.HttpExchange;
import io.nereid.server.netty.HttpReply;
import io.nereid.server.netty.JsonText;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The repository's index, and models that come and go (HTTP protocol section 6). */
final class RepositoryEndpoint {
    private static final String FILE = "file:";

    private final InferenceServer server;
    private final AdminBody bodies;

    RepositoryEndpoint(InferenceServer server, AdminBody bodies) {
        this.server = server;
        this.bodies = bodies;
    }

    /** Section 6.1. */
    void index(HttpExchange exchange) {
        bodies.readOptionalJson(
                exchange,
                json -> {
                    boolean readyOnly =
                            json.flatMap(body -> body.member("ready"))
                                    .map(RepositoryEndpoint::readyOnly)
                                    .orElse(false);
                    server.requireReady();
                    return HttpReply.json(index(readyOnly));
                });
    }

    private static boolean readyOnly(JsonView value) {
        if (!value.isBoolean()) {
            throw StatusException.invalidArgument("Invalid value for 'ready': expected a boolean");
        }
        return value.bool();
    }

    private byte[] index(boolean readyOnly) {
        List<IndexEntry> entries =
                server.index().stream().filter(entry -> !readyOnly || isReady(entry)).toList();
        return JsonText.write(json -> {
            json.writeStartArray();
            for (IndexEntry entry : entries) {
                json.writeStartObject();
                json.writeStringField("name", entry.name());
                if (entry.version().isPresent()) {
                    json.writeStringField("version", Long.toString(entry.version().getAsLong()));
                }
                if (entry.state().isPresent()) {
                    json.writeStringField("state", entry.state().get().name());
                }
                if (!entry.reason().isEmpty()) {
                    json.writeStringField("reason", entry.reason());
                }
                json.writeEndObject();
            }
            json.writeEndArray();
        });
    }

    private static boolean isReady(IndexEntry entry) {
        return entry.state().filter(state -> state == VersionState.READY).isPresent();
    }

    /** Sections 6.2 and 6.3. */
    void control(V2Path.Control path, HttpExchange exchange) {
        if (path.repository().isPresent()) {
            throw new StatusException(
                    StatusCode.UNSUPPORTED, "'repository_name' specification is not supported");
        }
        bodies.readOptionalJson(
                exchange,
                json -> {
                    Optional<JsonView> parameters = json.flatMap(body -> body.member("parameters"));
                    switch (path.change()) {
                        case LOAD -> load(path.model(), parameters);
                        case UNLOAD -> unload(path.model(), parameters);
                    }
                    return HttpReply.json(new byte[0]);
                });
    }

    private void load(String model, Optional<JsonView> parameters) {
        ModelOverride override =
                parameters.map(RepositoryEndpoint::override).orElse(ModelOverride.NONE);
        server.requireReady();
        server.extensions().repository().load(model, override);
    }

    private static ModelOverride override(JsonView parameters) {
        Optional<String> config = Optional.empty();
        Map<String, byte[]> files = new LinkedHashMap<>();
        for (Map.Entry<String, JsonView> parameter : parameters.members().entrySet()) {
            String key = parameter.getKey();
            String value = parameter.getValue().string();
            if (key.equals("config")) {
                config = Optional.of(value);
            } else if (key.startsWith(FILE)) {
                files.put(key.substring(FILE.length()), LenientBase64.decode(value));
            } else {
                throw new StatusException(
                        StatusCode.INTERNAL, "unexpected error on creating Triton parameter");
            }
        }
        return new ModelOverride(config, files);
    }

    private void unload(String model, Optional<JsonView> parameters) {
        boolean withDependents =
                parameters
                        .flatMap(object -> object.member("unload_dependents"))
                        .map(RepositoryEndpoint::withDependents)
                        .orElse(false);
        server.requireReady();
        server.extensions().repository().unload(model, withDependents);
    }

    private static boolean withDependents(JsonView value) {
        try {
            return value.bool();
        } catch (StatusException e) {
            throw StatusException.invalidArgument(
                    "Unable to parse 'unload_dependents': " + e.text());
        }
    }
}
