package io.nereid.repository;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.util.JsonFormat;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.proto.ModelConfigProto;
import java.util.Locale;
import java.util.Map;

/**
 * A configuration that came with a load request as JSON (repository section 7.3): protobuf's JSON
 * mapping, which takes names of fields in both spellings, and 64-bit numbers as numbers or strings.
 */
final class ConfigOverride {
    private ConfigOverride() {}

    /**
     * Reads a configuration.
     *
     * @throws StatusException INVALID_ARG {@code Invalid config override: ...}
     */
    static ConfigSource read(String json) {
        ModelConfigProto.ModelConfig.Builder config = ModelConfigProto.ModelConfig.newBuilder();
        try {
            JsonElement tree = JsonParser.parseString(json);
            if (!tree.isJsonObject()) {
                throw StatusException.invalidArgument(
                        "Invalid config override: expected a JSON object");
            }
            withEnumNamesAsDeclared(tree.getAsJsonObject(), config.getDescriptorForType());
            JsonFormat.parser().merge(tree.toString(), config);
        } catch (JsonParseException | InvalidProtocolBufferException e) {
            throw StatusException.invalidArgument("Invalid config override: " + e.getMessage());
        }
        return ConfigSource.withoutText(config.build());
    }

    /**
     * The reference's parser reads names of enumerations in any case, Java's does not. All names
     * that a configuration can hold are in upper case.
     */
    private static void withEnumNamesAsDeclared(JsonObject object, Descriptor type) {
        for (FieldDescriptor field : type.getFields()) {
            for (String name : new String[] {field.getName(), field.getJsonName()}) {
                if (object.has(name)) {
                    object.add(name, asDeclared(object.get(name), field));
                }
            }
        }
    }

    private static JsonElement asDeclared(JsonElement value, FieldDescriptor field) {
        if (field.isMapField()) {
            FieldDescriptor values = field.getMessageType().findFieldByName("value");
            if (value.isJsonObject()) {
                for (Map.Entry<String, JsonElement> entry : value.getAsJsonObject().entrySet()) {
                    entry.setValue(asDeclared(entry.getValue(), values));
                }
            }
            return value;
        }
        if (value.isJsonArray()) {
            JsonArray all = value.getAsJsonArray();
            for (int i = 0; i < all.size(); i++) {
                all.set(i, asDeclared(all.get(i), field));
            }
            return all;
        }
        if (field.getJavaType() == FieldDescriptor.JavaType.MESSAGE && value.isJsonObject()) {
            withEnumNamesAsDeclared(value.getAsJsonObject(), field.getMessageType());
        }
        boolean name =
                field.getJavaType() == FieldDescriptor.JavaType.ENUM
                        && value instanceof JsonPrimitive primitive
                        && primitive.isString();
        return name ? new JsonPrimitive(value.getAsString().toUpperCase(Locale.ROOT)) : value;
    }
}
