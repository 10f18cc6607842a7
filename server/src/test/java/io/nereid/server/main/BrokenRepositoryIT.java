package io.nereid.server.main;

import static org.assertj.core.api.Assertions.assertThat;

import io.nereid.repository.IndexEntry;
import io.nereid.repository.VersionState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One broken model among good ones: the good ones serve, the broken one says why it does not. */
final class BrokenRepositoryIT {
    @TempDir private Path repository;

    @Test
    void goodModelsServeBesideBrokenOnes() throws Exception {
        copy("digits_cnn");
        model(
                "wrong_dims",
                """
                name: "wrong_dims"
                platform: "onnxruntime_onnx"
                max_batch_size: 64
                input [ { name: "image" data_type: TYPE_FP32 dims: [ 1, 9, 9 ] } ]
                output [ { name: "probabilities" data_type: TYPE_FP32 dims: [ 10 ] } ]
                """);
        model("syntax", "name: \"syntax\"\nplatform: onnx\n");

        try (NereidServer server = NereidServer.start(TestServers.options(repository));
                TestClient client = new TestClient(server.httpPort())) {
            String request = TestClient.fp32Request("image", new int[] {1, 1, 8, 8}, new float[64]);
            assertThat(client.post("/v2/models/digits_cnn/infer", request).statusCode())
                    .isEqualTo(200);
            assertThat(client.get("/v2/health/live").statusCode()).isEqualTo(200);
            assertThat(client.get("/v2/health/ready").statusCode()).isEqualTo(400);
            assertThat(TestClient.error(client.post("/v2/models/wrong_dims/infer", request)))
                    .startsWith("Request for unknown model: 'wrong_dims'");

            List<IndexEntry> index = server.index();
            assertThat(index).extracting(IndexEntry::name).contains("digits_cnn", "syntax");
            IndexEntry broken =
                    index.stream()
                            .filter(entry -> entry.name().equals("wrong_dims"))
                            .findFirst()
                            .orElseThrow();
            assertThat(broken.state()).contains(VersionState.UNAVAILABLE);
            assertThat(broken.reason())
                    .contains("tensor 'image'")
                    .contains("[-1,1,8,8]")
                    .contains("[-1,1,9,9]");
        }
    }

    private void copy(String model) throws IOException {
        Path from = TestServers.examples().resolve(model);
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.toList()) {
                Path target = repository.resolve(model).resolve(from.relativize(file).toString());
                if (Files.isDirectory(file)) {
                    Files.createDirectories(target);
                } else {
                    Files.copy(file, target);
                }
            }
        }
    }

    private void model(String name, String config) throws IOException {
        Path version = Files.createDirectories(repository.resolve(name).resolve("1"));
        Files.copy(
                TestServers.examples().resolve("digits_cnn/1/model.onnx"),
                version.resolve("model.onnx"));
        Files.writeString(repository.resolve(name).resolve("config.pbtxt"), config);
    }
}
