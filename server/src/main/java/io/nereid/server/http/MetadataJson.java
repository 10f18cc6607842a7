package io.nereid.server.http;

import com.fasterxml.jackson.core.JsonGenerator;
import io.nereid.backend.Model;
import io.nereid.protocol.ModelConfig;
import io.nereid.protocol.TensorSpec;
import io.nereid.protocol.http.ModelConfigJson;
import io.nereid.server.InferenceServer;
import io.nereid.server.ServerMetadata;
import io.nereid.server.netty.JsonText;
import java.io.IOException;
import java.util.Collection;
import java.util.List;
import java.util.OptionalLong;

/** The JSON of metadata and configuration (HTTP protocol section 5). */
final class MetadataJson {
    private MetadataJson() {}

    /** Section 5.1. */
    static byte[] server(ServerMetadata metadata) {
        return JsonText.write(json -> {
            json.writeStartObject();
            json.writeStringField("name", metadata.name());
            json.writeStringField("version", metadata.version());
            json.writeArrayFieldStart("extensions");
            for (String extension : metadata.extensions()) {
                json.writeString(extension);
            }
            json.writeEndArray();
            json.writeEndObject();
        });
    }

    /**
     * Section 5.2.
     *
     * @throws io.nereid.protocol.StatusException if the model cannot be asked
     */
    static byte[] model(InferenceServer server, String name, OptionalLong version) {
        Model model = server.model(name, version);
        List<Long> versions =
                version.isPresent() ? List.of(model.version()) : server.readyVersions(name);
        ModelConfig config = model.config();
        return JsonText.write(json -> {
            json.writeStartObject();
            json.writeStringField("name", config.name());
            json.writeArrayFieldStart("versions");
            for (long ready : versions) {
                json.writeString(Long.toString(ready));
            }
            json.writeEndArray();
            writeTensors(json, config);
            json.writeEndObject();
        });
    }

    /** The members {@code platform}, {@code inputs} and {@code outputs}. */
    static void writeTensors(JsonGenerator json, ModelConfig config) throws IOException {
        json.writeStringField("platform", config.platform());
        tensors(json, "inputs", config, config.inputs().values());
        tensors(json, "outputs", config, config.outputs().values());
    }

    /** Section 5.3. */
    static byte[] config(ModelConfig config) {
        return ModelConfigJson.write(config.message());
    }

    private static void tensors(
            JsonGenerator json, String member, ModelConfig config, Collection<TensorSpec> specs)
            throws IOException {
        json.writeArrayFieldStart(member);
        for (TensorSpec spec : specs) {
            json.writeStartObject();
            json.writeStringField("name", spec.name());
            json.writeStringField("datatype", spec.type().wireName());
            json.writeArrayFieldStart("shape");
            for (long dim : config.apiShape(spec).toArray()) {
                json.writeNumber(dim);
            }
            json.writeEndArray();
            json.writeEndObject();
        }
        json.writeEndArray();
    }
}
