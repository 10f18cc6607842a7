package io.nereid.server.main;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.TextFormat;
import io.nereid.backend.ModelFiles;
import io.nereid.protocol.ModelConfig;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.proto.ModelConfigProto;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ModelLabelsTest {
    @TempDir private Path directory;

    private final ModelLabels labels = new ModelLabels();

    @Test
    void findsTheLineOfAClass() throws Exception {
        Files.writeString(directory.resolve("labels.txt"), "cat\ndog\n");
        labels.load(classifier(), new ModelFiles(directory, 1));

        assertThat(labels.label("classifier", "scores", 1)).contains("dog");
        assertThat(labels.label("classifier", "scores", 2)).isEmpty();
        assertThat(labels.label("classifier", "other", 0)).isEmpty();
        assertThat(labels.label("unknown", "scores", 0)).isEmpty();
    }

    @Test
    void ensembleOutputsHaveTheLabelsOfTheStepTheyComeFrom() throws Exception {
        Files.writeString(directory.resolve("labels.txt"), "cat\ndog\n");
        labels.load(classifier(), new ModelFiles(directory, 1));
        labels.load(ensemble(), new ModelFiles(directory, 1));

        assertThat(labels.label("ensemble", "OUT", 0)).contains("cat");
    }

    @Test
    void saysWhichFileCannotBeRead() {
        assertThatThrownBy(() -> labels.load(classifier(), new ModelFiles(directory, 1)))
                .isInstanceOf(StatusException.class)
                .hasMessageStartingWith(
                        "failed to open text file for read " + directory.resolve("labels.txt"));
    }

    private static ModelConfig classifier() throws TextFormat.ParseException {
        return config(
                """
                name: "classifier" backend: "onnxruntime" platform: "onnxruntime_onnx"
                version_policy { latest { num_versions: 1 } }
                input [ { name: "x" data_type: TYPE_FP32 dims: [ 4 ] } ]
                output [ { name: "scores" data_type: TYPE_FP32 dims: [ 2 ]
                           label_filename: "labels.txt" } ]
                """);
    }

    private static ModelConfig ensemble() throws TextFormat.ParseException {
        return config(
                """
                name: "ensemble" platform: "ensemble"
                version_policy { latest { num_versions: 1 } }
                input [ { name: "IN" data_type: TYPE_FP32 dims: [ 4 ] } ]
                output [ { name: "OUT" data_type: TYPE_FP32 dims: [ 2 ] } ]
                ensemble_scheduling { step [ {
                  model_name: "classifier" model_version: -1
                  input_map { key: "x" value: "IN" }
                  output_map { key: "scores" value: "OUT" } } ] }
                """);
    }

    private static ModelConfig config(String text) throws TextFormat.ParseException {
        return ModelConfig.of(TextFormat.parse(text, ModelConfigProto.ModelConfig.class));
    }
}
