package io.nereid.server.http;

import com.fasterxml.jackson.core.JsonGenerator;
import io.nereid.protocol.ModelConfig;
import io.nereid.protocol.StatusException;
import io.nereid.repository.IndexEntry;
import io.nereid.server.InferenceServer;
import io.nereid.server.netty.JsonText;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;

/**
 * Everything about all models in one answer: versions with states and reasons, and inputs and
 * outputs of those that are ready. Nereid's own.
 */
final class ModelsJson {
    private ModelsJson() {}

    static byte[] write(InferenceServer server) {
        Map<String, List<IndexEntry>> models = new TreeMap<>();
        for (IndexEntry entry : server.index()) {
            models.computeIfAbsent(entry.name(), _ -> new ArrayList<>()).add(entry);
        }
        return JsonText.write(json -> {
            json.writeStartObject();
            json.writeArrayFieldStart("models");
            for (Map.Entry<String, List<IndexEntry>> model : models.entrySet()) {
                json.writeStartObject();
                json.writeStringField("name", model.getKey());
                versions(json, model.getValue());
                Optional<ModelConfig> config = config(server, model.getKey());
                if (config.isPresent()) {
                    MetadataJson.writeTensors(json, config.get());
                }
                json.writeEndObject();
            }
            json.writeEndArray();
            json.writeEndObject();
        });
    }

    private static void versions(JsonGenerator json, List<IndexEntry> entries) throws IOException {
        json.writeArrayFieldStart("versions");
        for (IndexEntry entry : entries) {
            if (entry.version().isPresent()) {
                json.writeStartObject();
                json.writeStringField("version", Long.toString(entry.version().getAsLong()));
                if (entry.state().isPresent()) {
                    json.writeStringField("state", entry.state().get().name());
                }
                if (!entry.reason().isEmpty()) {
                    json.writeStringField("reason", entry.reason());
                }
                json.writeEndObject();
            }
        }
        json.writeEndArray();
    }

    /** Of the newest version that is ready. */
    static Optional<ModelConfig> config(InferenceServer server, String name) {
        if (server.readyVersions(name).isEmpty()) {
            return Optional.empty();
        }
        try {
            return Optional.of(server.model(name, OptionalLong.empty()).config());
        } catch (StatusException unloadedMeanwhile) {
            return Optional.empty();
        }
    }
}
