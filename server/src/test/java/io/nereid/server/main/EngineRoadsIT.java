package io.nereid.server.main;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.nereid.server.ServerOptions;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The native road and the DJL road serve the same models: the same repository, once with each, must
 * give the same answers.
 */
final class EngineRoadsIT {
    private static final Map<String, Map<String, String>> BY_DJL =
            Map.of("onnxruntime", Map.of("engine", "djl"), "tensorflow", Map.of("engine", "djl"));

    @TempDir private Path repository;

    @Test
    void bothRoadsGiveTheSameAnswers() throws Exception {
        makeRepository();
        ServerOptions options = TestServers.options(repository);

        Map<String, float[]> natively = answers(options);
        Map<String, float[]> byDjl = answers(TestServers.withBackendSettings(options, BY_DJL));

        assertThat(natively).hasSize(2 * digits().size());
        assertThat(byDjl.keySet()).isEqualTo(natively.keySet());
        natively.forEach((request, probabilities) ->
                assertThat(byDjl.get(request))
                        .as(request)
                        .containsExactly(probabilities, within(1e-5f)));
    }

    private static Map<String, float[]> answers(ServerOptions options) throws Exception {
        Map<String, float[]> answers = new LinkedHashMap<>();
        try (NereidServer server = NereidServer.start(options);
                TestClient client = new TestClient(server.httpPort())) {
            int number = 0;
            for (float[] pixels : digits()) {
                answers.put(
                        "onnx " + number,
                        infer(client, "cnn_onnx", new int[] {1, 1, 8, 8}, pixels));
                answers.put(
                        "savedmodel " + number,
                        infer(client, "cnn_savedmodel", new int[] {1, 8, 8, 1}, pixels));
                number++;
            }
        }
        return answers;
    }

    private static float[] infer(TestClient client, String model, int[] shape, float[] pixels)
            throws Exception {
        HttpResponse<byte[]> response =
                client.infer(
                        "/v2/models/" + model + "/infer",
                        TestClient.fp32Request("image", shape, pixels)
                                .getBytes(StandardCharsets.UTF_8));
        return TestClient.jsonOutput(response);
    }

    /** The held-out pictures, each 64 values from 0 to 1. */
    private static List<float[]> digits() throws IOException {
        List<float[]> digits = new ArrayList<>();
        for (String line : Files.readAllLines(TestServers.resource("/models/digits_test.csv"))) {
            String[] numbers = line.split(",");
            if (!numbers[0].matches("\\d+")) {
                continue;
            }
            float[] pixels = new float[64];
            for (int i = 0; i < pixels.length; i++) {
                pixels[i] = Float.parseFloat(numbers[i + 1]) / 255;
            }
            digits.add(pixels);
        }
        return digits;
    }

    private void makeRepository() throws IOException {
        copy(
                TestServers.examples().resolve("digits_cnn/1/model.onnx"),
                repository.resolve("cnn_onnx/1/model.onnx"));
        config("cnn_onnx", "onnxruntime_onnx", "1, 8, 8");
        copy(
                TestServers.resource("/models/digits_cnn.savedmodel"),
                repository.resolve("cnn_savedmodel/1/model.savedmodel"));
        config("cnn_savedmodel", "tensorflow_savedmodel", "8, 8, 1");
    }

    private void config(String model, String platform, String dims) throws IOException {
        Files.writeString(
                repository.resolve(model).resolve("config.pbtxt"),
                """
                platform: "%s"
                max_batch_size: 8
                input [ { name: "image" data_type: TYPE_FP32 dims: [ %s ] } ]
                output [ { name: "probabilities" data_type: TYPE_FP32 dims: [ 10 ] } ]
                """
                        .formatted(platform, dims));
    }

    private static void copy(Path from, Path to) throws IOException {
        Files.createDirectories(to.getParent());
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.toList()) {
                Files.copy(file, to.resolve(from.relativize(file).toString()));
            }
        }
    }
}
