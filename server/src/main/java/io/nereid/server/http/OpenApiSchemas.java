package io.nereid.server.http;

import com.fasterxml.jackson.core.JsonGenerator;
import io.nereid.protocol.DataType;
import io.nereid.protocol.ModelConfig;
import io.nereid.protocol.Shape;
import io.nereid.protocol.TensorSpec;
import java.io.IOException;
import java.util.Collection;

/** JSON schemas of what one model is asked and answers, with its names, types and shapes. */
final class OpenApiSchemas {
    private final ModelConfig config;

    OpenApiSchemas(ModelConfig config) {
        this.config = config;
    }

    /** A schema that is described among the components. */
    static void reference(JsonGenerator json, String component) throws IOException {
        json.writeStartObject();
        json.writeStringField("$ref", "#/components/schemas/" + component);
        json.writeEndObject();
    }

    void inferRequest(JsonGenerator json) throws IOException {
        beginObject(json, "inputs");
        json.writeFieldName("id");
        type(json, "string");
        json.writeFieldName("parameters");
        reference(json, "InferParameters");
        json.writeFieldName("inputs");
        tensors(json, config.inputs().values(), true);
        json.writeFieldName("outputs");
        array(json, "RequestedOutput");
        endObject(json);
    }

    void inferResponse(JsonGenerator json) throws IOException {
        beginObject(json, "model_name", "model_version", "outputs");
        json.writeFieldName("id");
        type(json, "string");
        json.writeFieldName("model_name");
        constant(json, config.name());
        json.writeFieldName("model_version");
        type(json, "string");
        json.writeFieldName("parameters");
        type(json, "object");
        json.writeFieldName("outputs");
        tensors(json, config.outputs().values(), false);
        endObject(json);
    }

    void generateRequest(JsonGenerator json) throws IOException {
        beginObject(
                json,
                config.inputs().values().stream()
                        .filter(input -> !input.optional())
                        .map(TensorSpec::name)
                        .toArray(String[]::new));
        values(json, config.inputs().values());
        endObject(json);
    }

    void generateResponse(JsonGenerator json) throws IOException {
        beginObject(json, "model_name", "model_version");
        json.writeFieldName("model_name");
        constant(json, config.name());
        json.writeFieldName("model_version");
        type(json, "string");
        values(json, config.outputs().values());
        endObject(json);
    }

    private void tensors(JsonGenerator json, Collection<TensorSpec> specs, boolean inputs)
            throws IOException {
        json.writeStartObject();
        json.writeStringField("type", "array");
        if (inputs) {
            long required = specs.stream().filter(spec -> !spec.optional()).count();
            json.writeNumberField("minItems", required);
        }
        json.writeNumberField("maxItems", specs.size());
        if (!specs.isEmpty()) {
            json.writeObjectFieldStart("items");
            json.writeArrayFieldStart("oneOf");
            for (TensorSpec spec : specs) {
                tensor(json, spec);
            }
            json.writeEndArray();
            json.writeEndObject();
        }
        json.writeEndObject();
    }

    private void tensor(JsonGenerator json, TensorSpec spec) throws IOException {
        beginObject(json, "name", "datatype", "shape");
        json.writeFieldName("name");
        constant(json, spec.name());
        json.writeFieldName("datatype");
        constant(json, spec.type().wireName());
        json.writeFieldName("shape");
        shape(json, config.apiShape(spec));
        json.writeFieldName("data");
        array(json, nested(spec.type()));
        json.writeFieldName("parameters");
        type(json, "object");
        endObject(json);
    }

    private void shape(JsonGenerator json, Shape shape) throws IOException {
        long[] dims = shape.toArray();
        json.writeStartObject();
        json.writeStringField("type", "array");
        if (dims.length > 0) {
            json.writeArrayFieldStart("prefixItems");
            for (int i = 0; i < dims.length; i++) {
                dimension(json, dims[i], i == 0 && config.batches());
            }
            json.writeEndArray();
        }
        json.writeNumberField("minItems", dims.length);
        json.writeNumberField("maxItems", dims.length);
        json.writeEndObject();
    }

    private void dimension(JsonGenerator json, long dim, boolean batch) throws IOException {
        json.writeStartObject();
        json.writeStringField("type", "integer");
        if (batch) {
            json.writeNumberField("minimum", 1);
            json.writeNumberField("maximum", config.maxBatchSize());
        } else if (dim == Shape.ANY) {
            json.writeNumberField("minimum", 0);
        } else {
            json.writeNumberField("const", dim);
        }
        json.writeEndObject();
    }

    /** Members of the names of the tensors, each a value or a list. */
    private static void values(JsonGenerator json, Collection<TensorSpec> specs)
            throws IOException {
        for (TensorSpec spec : specs) {
            json.writeFieldName(spec.name());
            reference(json, nested(spec.type()));
        }
    }

    private static String nested(DataType type) {
        return switch (type) {
            case BOOL -> "Booleans";
            case UINT8, UINT16, UINT32, UINT64, INT8, INT16, INT32, INT64 -> "Integers";
            case FP16, FP32, FP64, BF16 -> "Numbers";
            case BYTES -> "Strings";
            case INVALID -> throw new IllegalStateException("a tensor without a type");
        };
    }

    private static void beginObject(JsonGenerator json, String... required) throws IOException {
        json.writeStartObject();
        json.writeStringField("type", "object");
        json.writeArrayFieldStart("required");
        for (String name : required) {
            json.writeString(name);
        }
        json.writeEndArray();
        json.writeObjectFieldStart("properties");
    }

    private static void endObject(JsonGenerator json) throws IOException {
        json.writeEndObject();
        json.writeEndObject();
    }

    private static void array(JsonGenerator json, String component) throws IOException {
        json.writeStartObject();
        json.writeStringField("type", "array");
        json.writeFieldName("items");
        reference(json, component);
        json.writeEndObject();
    }

    private static void type(JsonGenerator json, String type) throws IOException {
        json.writeStartObject();
        json.writeStringField("type", type);
        json.writeEndObject();
    }

    private static void constant(JsonGenerator json, String value) throws IOException {
        json.writeStartObject();
        json.writeStringField("const", value);
        json.writeEndObject();
    }
}
