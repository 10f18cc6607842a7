package io.nereid.backend.onnxruntime;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.CodedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Graphs of operators alone, in ONNX's format. */
final class GraphOperatorsTest {
    private static final Path MODELS = Path.of("src/test/resources/models");

    @TempDir private Path directory;

    private record Node(String operator, String domain) {
        Node(String operator) {
            this(operator, "");
        }

        byte[] bytes() throws IOException {
            return message(out -> {
                out.writeString(1, "X");
                out.writeString(2, "Y");
                out.writeString(4, operator);
                out.writeString(7, domain);
            });
        }
    }

    @FunctionalInterface
    private interface Fields {
        void write(CodedOutputStream out) throws IOException;
    }

    private static byte[] message(Fields fields) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        CodedOutputStream out = CodedOutputStream.newInstance(bytes);
        fields.write(out);
        out.flush();
        return bytes.toByteArray();
    }

    private Path model(Node... nodes) throws IOException {
        byte[] graph =
                message(out -> {
                    for (Node node : nodes) {
                        out.writeByteArray(1, node.bytes());
                    }
                    out.writeString(2, "graph");
                    out.writeByteArray(5, new byte[100_000]);
                });
        return file(
                message(out -> {
                    out.writeInt64(1, 8);
                    out.writeByteArray(7, graph);
                    out.writeByteArray(8, new byte[] {16, 17});
                }));
    }

    private Path file(byte[] content) throws IOException {
        return Files.write(directory.resolve("model.onnx"), content);
    }

    @Test
    void trustsOperatorsWhoseWorkFollowsFromTheSizesOfTheirInputs() throws IOException {
        assertThat(
                        GraphOperators.costBySizeAlone(
                                model(
                                        new Node("Add"),
                                        new Node("Conv", "ai.onnx"),
                                        new Node("TreeEnsembleClassifier", "ai.onnx.ml"))))
                .isTrue();
        assertThat(GraphOperators.costBySizeAlone(MODELS.resolve("addsub_int32.onnx"))).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"Loop", "If", "Scan", "Range", "Tile", "ConstantOfShape", "Resize"})
    void doesNotTrustOperatorsWhoseWorkFollowsFromValues(String operator) throws IOException {
        assertThat(
                        GraphOperators.costBySizeAlone(
                                model(new Node("Add"), new Node(operator), new Node("Sub"))))
                .isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"com.microsoft", "my.functions"})
    void doesNotTrustOperatorsOfOthers(String domain) throws IOException {
        assertThat(GraphOperators.costBySizeAlone(model(new Node("Add"), new Node("Add", domain))))
                .isFalse();
    }

    @Test
    void doesNotTrustWhatItCannotRead() throws IOException {
        byte[] whole = Files.readAllBytes(model(new Node("Add"), new Node("Sub")));
        for (int size : List.of(0, 1, 5, 20, whole.length / 2)) {
            assertThat(GraphOperators.costBySizeAlone(file(Arrays.copyOf(whole, size)))).isFalse();
        }
        assertThat(
                        GraphOperators.costBySizeAlone(
                                file("ORTM is another format".getBytes(StandardCharsets.UTF_8))))
                .isFalse();
        assertThat(GraphOperators.costBySizeAlone(directory.resolve("none.onnx"))).isFalse();
    }
}
