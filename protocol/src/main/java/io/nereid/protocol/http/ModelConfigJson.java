package io.nereid.protocol.http;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import com.google.protobuf.MessageOrBuilder;
import io.nereid.protocol.proto.ModelConfigProto;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;

/**
 * A model configuration as JSON, as the config endpoint serves it (model-config section 16, HTTP
 * protocol section 5.3): compact, snake_case, members in the order of the schema, every scalar,
 * list, map and enum printed, unset messages left out. May be used from any thread.
 */
public final class ModelConfigJson {
    private static final JsonFactory JSON = new JsonFactory();

    /** 64-bit integers that clients know as strings; all others are numbers. */
    private static final Set<String> QUOTED =
            Set.of(
                    "inference.ModelSequenceBatching.InitialState.dims",
                    "inference.ModelInstanceGroup.SecondaryDevice.device_id",
                    "inference.ModelOptimizationPolicy.Cuda.GraphSpec.Shape.dim");

    private final JsonGenerator json;

    private ModelConfigJson(JsonGenerator json) {
        this.json = json;
    }

    /** The configuration in UTF-8. */
    public static byte[] write(ModelConfigProto.ModelConfig config) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(2048);
        try (JsonGenerator json = JSON.createGenerator(bytes)) {
            new ModelConfigJson(json).message(config);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    /** The configuration as text. */
    public static String writeText(ModelConfigProto.ModelConfig config) {
        return new String(write(config), StandardCharsets.UTF_8);
    }

    private void message(MessageOrBuilder message) throws IOException {
        json.writeStartObject();
        for (FieldDescriptor field : message.getDescriptorForType().getFields()) {
            if (field.hasPresence() && !message.hasField(field)) {
                continue;
            }
            json.writeFieldName(field.getName());
            Object value = message.getField(field);
            if (field.isMapField()) {
                map(field, (List<?>) value);
            } else if (field.isRepeated()) {
                json.writeStartArray();
                for (Object element : (List<?>) value) {
                    value(field, element);
                }
                json.writeEndArray();
            } else {
                value(field, value);
            }
        }
        json.writeEndObject();
    }

    private void map(FieldDescriptor field, List<?> entries) throws IOException {
        FieldDescriptor key = field.getMessageType().findFieldByNumber(1);
        FieldDescriptor value = field.getMessageType().findFieldByNumber(2);
        json.writeStartObject();
        for (Object element : entries) {
            Message entry = (Message) element;
            json.writeFieldName(key(key, entry.getField(key)));
            value(value, entry.getField(value));
        }
        json.writeEndObject();
    }

    private static String key(FieldDescriptor field, Object key) {
        return isUnsignedLong(field) ? Long.toUnsignedString((Long) key) : key.toString();
    }

    private void value(FieldDescriptor field, Object value) throws IOException {
        switch (field.getJavaType()) {
            case MESSAGE -> message((Message) value);
            case STRING -> json.writeString((String) value);
            case BOOLEAN -> json.writeBoolean((Boolean) value);
            case ENUM -> enumeration((EnumValueDescriptor) value);
            case INT -> json.writeNumber(unsignedInt(field, (Integer) value));
            case LONG -> integer(field, (Long) value);
            case FLOAT -> decimal((Float) value, Float.toString((Float) value));
            case DOUBLE -> decimal((Double) value, Double.toString((Double) value));
            case BYTE_STRING -> json.writeBinary(((ByteString) value).toByteArray());
        }
    }

    private void enumeration(EnumValueDescriptor value) throws IOException {
        if (value.getIndex() < 0) {
            json.writeNumber(value.getNumber());
        } else {
            json.writeString(value.getName());
        }
    }

    private void integer(FieldDescriptor field, long value) throws IOException {
        if (QUOTED.contains(field.getFullName())) {
            json.writeString(Long.toString(value));
        } else if (value < 0 && isUnsignedLong(field)) {
            json.writeNumber(new BigInteger(Long.toUnsignedString(value)));
        } else {
            json.writeNumber(value);
        }
    }

    private void decimal(double value, String text) throws IOException {
        if (Double.isNaN(value) || Double.isInfinite(value)) {
            json.writeString(text);
        } else {
            json.writeNumber(text.endsWith(".0") ? text.substring(0, text.length() - 2) : text);
        }
    }

    private static long unsignedInt(FieldDescriptor field, int value) {
        return switch (field.getType()) {
            case UINT32, FIXED32 -> Integer.toUnsignedLong(value);
            default -> value;
        };
    }

    private static boolean isUnsignedLong(FieldDescriptor field) {
        return field.getType() == FieldDescriptor.Type.UINT64
                || field.getType() == FieldDescriptor.Type.FIXED64;
    }
}
