package io.nereid.protocol.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.EnumDescriptor;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.Descriptors.GenericDescriptor;
import com.google.protobuf.Descriptors.MethodDescriptor;
import com.google.protobuf.Descriptors.OneofDescriptor;
import com.google.protobuf.Descriptors.ServiceDescriptor;
import io.nereid.protocol.grpc.proto.GrpcServiceProto;
import io.nereid.protocol.grpc.proto.HealthProto;
import io.nereid.protocol.proto.ModelConfigProto;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The compiled messages and services are those of the protocol's tables, with nothing missing and
 * nothing more. Descriptors are written in the tables' form and compared row by row.
 */
class ProtoTablesTest {
    @ParameterizedTest
    @CsvSource({"grpc_service, 230", "model_config, 264", "health, 11"})
    void descriptorsHoldExactlyTheRowsOfTheTable(String table, int fewestRows) throws IOException {
        List<String> rows = new ArrayList<>();
        file(table).getMessageTypes().forEach(message -> addMessage(rows, message));
        file(table).getEnumTypes().forEach(type -> addEnum(rows, type));
        file(table).getServices().forEach(service -> addService(rows, service));

        assertThat(rows).containsExactlyInAnyOrderElementsOf(table(table));
        assertThat(rows).hasSizeGreaterThanOrEqualTo(fewestRows);
    }

    private static FileDescriptor file(String table) {
        return switch (table) {
            case "grpc_service" -> GrpcServiceProto.getDescriptor();
            case "model_config" -> ModelConfigProto.getDescriptor();
            case "health" -> HealthProto.getDescriptor();
            default -> throw new IllegalArgumentException(table);
        };
    }

    private static List<String> table(String name) throws IOException {
        try (InputStream table =
                ProtoTablesTest.class.getResourceAsStream("/proto-tables/" + name + ".csv")) {
            String text =
                    new String(
                            Objects.requireNonNull(table).readAllBytes(), StandardCharsets.UTF_8);
            return text.lines().skip(1).toList();
        }
    }

    private static void addMessage(List<String> rows, Descriptor message) {
        if (message.getOptions().getMapEntry()) {
            return;
        }
        rows.add("message," + message.getFullName() + ",,,,,,");
        message.getFields().forEach(field -> rows.add(fieldRow(message, field)));
        for (OneofDescriptor oneof : message.getRealOneofs()) {
            String name = oneof.getName();
            rows.add("oneof," + message.getFullName() + "," + name + ",,,," + name + ",");
        }
        message.getNestedTypes().forEach(nested -> addMessage(rows, nested));
        message.getEnumTypes().forEach(nested -> addEnum(rows, nested));
    }

    private static String fieldRow(Descriptor message, FieldDescriptor field) {
        OneofDescriptor oneof = field.getRealContainingOneof();
        return row(
                "message",
                message,
                field.getName(),
                String.valueOf(field.getNumber()),
                label(field),
                type(field),
                oneof == null ? "" : oneof.getName(),
                field.getJsonName());
    }

    private static String label(FieldDescriptor field) {
        if (field.isMapField()) {
            return "map";
        }
        return field.isRepeated() ? "repeated" : "optional";
    }

    private static String type(FieldDescriptor field) {
        if (field.isMapField()) {
            Descriptor entry = field.getMessageType();
            return "\"map<"
                    + type(entry.findFieldByName("key"))
                    + ","
                    + type(entry.findFieldByName("value"))
                    + ">\"";
        }
        return switch (field.getJavaType()) {
            case MESSAGE -> field.getMessageType().getFullName();
            case ENUM -> field.getEnumType().getFullName();
            case INT, LONG, FLOAT, DOUBLE, BOOLEAN, STRING, BYTE_STRING ->
                    field.getType().name().toLowerCase(Locale.ROOT);
        };
    }

    private static void addEnum(List<String> rows, EnumDescriptor type) {
        rows.add("enum," + type.getFullName() + ",,,,,,");
        for (EnumValueDescriptor value : type.getValues()) {
            rows.add(
                    row(
                            "enum",
                            type,
                            value.getName(),
                            String.valueOf(value.getNumber()),
                            "",
                            "enum_value",
                            "",
                            value.getName()));
        }
    }

    private static void addService(List<String> rows, ServiceDescriptor service) {
        rows.add("service," + service.getFullName() + ",,,,,,");
        for (MethodDescriptor method : service.getMethods()) {
            String label =
                    method.isClientStreaming() && method.isServerStreaming()
                            ? "bidi_streaming"
                            : "unary";
            rows.add(
                    row(
                            "service",
                            service,
                            method.getName(),
                            "",
                            label,
                            message(method.isClientStreaming(), method.getInputType())
                                    + " returns "
                                    + message(method.isServerStreaming(), method.getOutputType()),
                            "",
                            "/" + service.getFullName() + "/" + method.getName()));
        }
    }

    private static String message(boolean streamed, Descriptor type) {
        return "(" + (streamed ? "stream " : "") + type.getFullName() + ")";
    }

    private static String row(
            String kind, GenericDescriptor container, String... columnsAfterFullName) {
        return kind + "," + container.getFullName() + "," + String.join(",", columnsAfterFullName);
    }
}
