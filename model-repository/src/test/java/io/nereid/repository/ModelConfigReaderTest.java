package io.nereid.repository;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.proto.ModelConfigProto;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every row of the syntax table of model-config section 2. */
class ModelConfigReaderTest {
    @TempDir Path directory;

    private Path write(String text) throws IOException {
        return Files.writeString(directory.resolve("config.pbtxt"), text);
    }

    private ModelConfigProto.ModelConfig read(String text) throws IOException {
        return ModelConfigReader.read(write(text)).message();
    }

    static Stream<Arguments> sameMeaning() {
        return Stream.of(
                arguments("# a comment\nname: 'm' # another", "name: 'm'"),
                arguments("input: { name: 'x' }", "input { name: 'x' }"),
                arguments("input < name: 'x' >", "input { name: 'x' }"),
                arguments(
                        "name: 'm', platform: 'p'; backend: 'b'",
                        "name: 'm' platform: 'p' backend: 'b'"),
                arguments(
                        "input { dims: 1 dims: [ 2, 3 ] dims: 4 }",
                        "input { dims: [ 1, 2, 3, 4 ] }"),
                arguments(
                        "input [ { name: 'x' }, { name: 'y' } ]",
                        "input { name: 'x' } input { name: 'y' }"),
                arguments("input { dims: [] reshape { shape: [ ] } }", "input { reshape { } }"),
                arguments("name: \"ab\" 'cd'", "name: 'abcd'"),
                arguments(
                        "name: 'a\\n\\t\\\\\\\"\\x41\\101\\u00e9'",
                        "name: 'a\\012\\011\\134\\042AA\u00e9'"),
                arguments("max_batch_size: 0x10", "max_batch_size: 16"),
                arguments("max_batch_size: 010", "max_batch_size: 8"),
                arguments("input { dims: [ - 1, -  2, -3 ] }", "input { dims: [ -1, -2, -3 ] }"),
                arguments("name: '- 1' # - 1", "name: '- 1'"),
                arguments("input { optional: t }", "input { optional: true }"),
                arguments(
                        "input { optional: True allow_ragged_batch: 1 }",
                        "input { optional: true allow_ragged_batch: true }"),
                arguments("input { optional: false is_shape_tensor: f }", "input { }"),
                arguments("input { data_type: 11 }", "input { data_type: TYPE_FP32 }"),
                arguments(
                        "sequence_batching { direct { minimum_slot_utilization: 1f } }",
                        "sequence_batching { direct { minimum_slot_utilization: 1 } }"),
                arguments(
                        "sequence_batching { direct { minimum_slot_utilization: 2.5e-3 } } name: 'm'",
                        "name: 'm' sequence_batching { direct { minimum_slot_utilization: 0.0025 } }"),
                arguments(
                        "parameters [ { key: 'a' value { string_value: 'x' } }, { key: 'a' value: { string_value: 'y' } } ]",
                        "parameters { key: 'a' value { string_value: 'y' } }"),
                arguments("max_batch_size: 0 max_batch_size: 1", "max_batch_size: 1"),
                arguments("# nothing", ""),
                arguments("", ""));
    }

    @ParameterizedTest
    @MethodSource("sameMeaning")
    void acceptsEveryFormOfTheSyntax(String text, String plain) throws IOException {
        assertThat(read(text)).isEqualTo(read(plain));
    }

    @Test
    void keepsUnknownEnumNumbers() throws IOException {
        assertThat(read("input { data_type: 99 }").getInput(0).getDataTypeValue()).isEqualTo(99);
    }

    static Stream<Arguments> malformed() {
        return Stream.of(
                arguments("// comment", ":1:1: Expected identifier. Found '/'"),
                arguments("name: 'm'\n/* comment */", ":2:1: "),
                arguments("name 'm'", ":1:6: Expected \":\"."),
                arguments("input { dims: [ 1, 2, ] }", ":1:23: "),
                arguments("input [ { name: 'x' }, ]", ":1:24: "),
                arguments("max_batch_size: 4.0", ":1:17: Couldn't parse integer"),
                arguments("max_batch_size: '4'", ":1:17: "),
                arguments("max_batch_size: 99999999999", ":1:17: "),
                arguments("input { optional: TRUE }", ":1:19: "),
                arguments("input { optional: yes }", ":1:19: "),
                arguments(
                        "input {\n  data_type: type_fp32 }",
                        ":2:14: Enum type \"inference.DataType\" has no value named \"type_fp32\"."),
                arguments(
                        "name: 'm'\n\nfoo: 1\nbar: 2",
                        ":3:1: unknown field \"foo\" in ModelConfig"),
                arguments("input { nme: 'x' }", ":1:9: unknown field \"nme\" in ModelInput"),
                arguments(
                        "Max_Batch_Size: 1",
                        ":1:1: unknown field \"Max_Batch_Size\" in ModelConfig"),
                arguments(
                        "name: 'a' name: 'b'",
                        ":1:15: Non-repeated field \"inference.ModelConfig.name\" cannot be overwritten."),
                arguments("dynamic_batching { } dynamic_batching { }", ":1:22: Non-repeated field"),
                arguments(
                        "version_policy { all { } } version_policy { }",
                        ":1:28: Non-repeated field"),
                arguments(
                        "dynamic_batching { }\nsequence_batching { }",
                        ":2:1: Field \"inference.ModelConfig.sequence_batching\" is specified along with"),
                arguments("input [ { name: 'x'\n", ":2:1: Expected \"}\"."),
                arguments("\uFEFFname: 'm'", ":1:1: the file begins with a byte-order mark"),
                arguments("name: 'm", ":1:7: String missing ending quote."));
    }

    @ParameterizedTest
    @MethodSource("malformed")
    void saysWhereATextIsWrong(String text, String detail) throws IOException {
        Path file = write(text);

        assertThatExceptionOfType(StatusException.class)
                .isThrownBy(() -> ModelConfigReader.read(file))
                .satisfies(e -> {
                    assertThat(e.text())
                            .startsWith("failed to read text proto from " + file + detail)
                            .doesNotContain("\n");
                    assertThat(e.code()).isEqualTo(StatusCode.INTERNAL);
                });
    }

    @Test
    void refusesBytesThatAreNoUtf8() throws IOException {
        Path file =
                Files.write(
                        directory.resolve("c"),
                        "name: '\u00e9'".getBytes(StandardCharsets.ISO_8859_1));

        assertThatExceptionOfType(StatusException.class)
                .isThrownBy(() -> ModelConfigReader.read(file))
                .withMessage(
                        "failed to read text proto from " + file + ": the file is not valid UTF-8");
    }

    @Test
    void saysThatAFileIsMissing() {
        Path file = directory.resolve("none");

        assertThatExceptionOfType(StatusException.class)
                .isThrownBy(() -> ModelConfigReader.read(file))
                .withMessage(
                        "failed to open text file for read "
                                + file
                                + ": No such file or directory");
    }
}
