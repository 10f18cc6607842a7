package io.nereid.backend.dali;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import io.nereid.backend.dali.proto.PipelineDef;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class ProtoTest {
    @Test
    void describesTheMessagesOfTheTable() {
        Set<String> expected = new TreeSet<>();
        String table = new String(Npy.resource("dali.csv"), StandardCharsets.UTF_8);
        table.lines()
                .skip(1)
                .filter(line -> !line.isBlank())
                .forEach(line -> {
                    String[] cells = line.split(",", -1);
                    expected.add(
                            String.join(
                                    " ", cells[0], cells[1], cells[2], cells[3], cells[4],
                                    cells[5]));
                });
        Set<String> actual = new TreeSet<>();
        for (Descriptor message : PipelineDef.getDescriptor().getFile().getMessageTypes()) {
            describe(message, actual);
        }
        assertThat(actual).isEqualTo(expected);
    }

    private static void describe(Descriptor message, Set<String> lines) {
        String name = name(message);
        for (FieldDescriptor field : message.getFields()) {
            String label =
                    field.isRepeated() ? "repeated" : field.isRequired() ? "required" : "optional";
            String type =
                    field.getJavaType() == FieldDescriptor.JavaType.MESSAGE
                            ? name(field.getMessageType())
                            : field.getType().name().toLowerCase(Locale.ROOT);
            String initial = field.hasDefaultValue() ? field.getDefaultValue().toString() : "";
            lines.add(
                    String.join(
                            " ",
                            name,
                            field.getName(),
                            "" + field.getNumber(),
                            label,
                            type,
                            initial));
        }
        message.getNestedTypes().forEach(nested -> describe(nested, lines));
    }

    private static String name(Descriptor message) {
        return message.getFullName().substring("dali_proto.".length());
    }
}
