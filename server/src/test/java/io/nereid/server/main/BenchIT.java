package io.nereid.server.main;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.nereid.load.BenchCommand;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** The load generator against a real server, over every protocol that it speaks. */
final class BenchIT {
    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final String HTTP = "{http}";
    private static final String GRPC = "{grpc}";
    private static final String BATCHING =
            """
            backend: "identity" max_batch_size: 8 dynamic_batching {}
            input [ { name: "INPUT0" data_type: TYPE_FP32 dims: [ 16 ] },
                    { name: "INPUT1" data_type: TYPE_STRING dims: [ -1 ] } ]
            output [ { name: "OUTPUT0" data_type: TYPE_FP32 dims: [ 16 ] },
                     { name: "OUTPUT1" data_type: TYPE_STRING dims: [ -1 ] } ]
            """;

    @TempDir private Path repository;
    @TempDir private Path files;

    private NereidServer server;
    private TestClient client;
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @BeforeEach
    void start() throws IOException {
        TestServers.place(repository, "batching", BATCHING);
        TestServers.place(repository, "repeat", TestServers.REPEAT);
        copy("seq_oldest");
        copy("add_sub_fp32");
        server =
                NereidServer.start(
                        TestServers.commandLine(
                                Map.of(),
                                List.of(
                                        "--model-repository=" + repository,
                                        "--http-address=127.0.0.1",
                                        "--http-port=0",
                                        "--grpc-address=127.0.0.1",
                                        "--grpc-port=0",
                                        "--allow-client-shm=true")));
        client = new TestClient(server.httpPort());
    }

    private void copy(String model) throws IOException {
        Path source = TestServers.resource("/conformance/repository/" + model);
        try (Stream<Path> all = Files.walk(source)) {
            for (Path file : all.toList()) {
                Files.copy(
                        file,
                        repository.resolve(model).resolve(source.relativize(file).toString()));
            }
        }
    }

    @AfterEach
    void stop() {
        client.close();
        // Fails if a tensor was not given back.
        server.close();
    }

    private int bench(String... flags) {
        List<String> all = new ArrayList<>();
        for (String flag : Arrays.asList(flags)) {
            all.add(
                    flag.replace(HTTP, "127.0.0.1:" + server.httpPort())
                            .replace(GRPC, "127.0.0.1:" + server.grpcPort()));
        }
        BenchCommand command = new BenchCommand();
        CommandLine line = new CommandLine(command);
        line.setCaseInsensitiveEnumValuesAllowed(true);
        line.parseArgs(all.toArray(String[]::new));
        return command.run(new PrintWriter(out), new PrintWriter(err), false);
    }

    private JsonNode statistics(String model) throws IOException, InterruptedException {
        return MAPPER.readTree(client.get("/v2/models/" + model + "/stats").body())
                .at("/model_stats/0");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "-u {http}",
                "-u {http} --input-tensor-format json --output-tensor-format json",
                "-u {http} --input-tensor-format json -b 3",
                "-u {http} --shared-memory system",
                "-u {http} --request-rate-range 2000 --request-distribution poisson",
                "-i grpc -u {grpc}",
                "-i grpc -u {grpc} --streaming -b 3",
                "-i grpc -u {grpc} --shared-memory system",
                "-u grpc://{grpc} --request-rate-range 2000"
            })
    void sendsAsManyRequestsAsAreWanted(String flags) throws Exception {
        List<String> all = new ArrayList<>(List.of(flags.split(" ")));
        all.addAll(
                List.of(
                        "-m",
                        "batching",
                        "--shape",
                        "INPUT1:2",
                        "--concurrency-range",
                        "4",
                        "--request-count",
                        "200"));
        if (flags.contains("rate")) {
            all.removeAll(List.of("--concurrency-range", "4"));
        }

        assertThat(bench(all.toArray(String[]::new))).as(() -> out + "" + err).isZero();

        // One more was sent to see whether they are as the model wants them.
        assertThat(statistics("batching").at("/inference_stats/success/count").asInt())
                .isEqualTo(201);
        assertThat(out.toString()).contains("infer/s", "(200 answers in", "p99", "queue");
        assertThat(MAPPER.readTree(client.get("/v2/systemsharedmemory/status").body())).isEmpty();
        assertThat(regionsLeft()).isEmpty();
    }

    private static List<Path> regionsLeft() throws IOException {
        try (Stream<Path> all = Files.list(Path.of("/dev/shm"))) {
            String own = "nereid_bench_" + ProcessHandle.current().pid();
            return all.filter(file -> file.getFileName().toString().startsWith(own)).toList();
        }
    }

    @Test
    void countsEveryResponseOfADecoupledModel() throws Exception {
        assertThat(
                        bench(
                                "-i",
                                "grpc",
                                "--streaming",
                                "grpc://" + GRPC,
                                "repeat",
                                "--input-data",
                                "zero",
                                "--shape",
                                "IN:3",
                                "--shape",
                                "DELAY:3",
                                "--request-count",
                                "50",
                                "--concurrency-range",
                                "2"))
                .as(() -> out + "" + err)
                .isZero();

        assertThat(statistics("repeat").at("/inference_count").asInt()).isEqualTo(51);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "-u {http} --concurrency-range 3",
                "-i grpc -u {grpc} --streaming --concurrency-range 3",
                "-u {http} --request-rate-range 1000 --num-of-sequences 3"
            })
    void endsAllSequencesThatItBegins(String flags) throws Exception {
        List<String> all = new ArrayList<>(List.of(flags.split(" ")));
        all.addAll(
                List.of(
                        "-m", "seq_oldest",
                        "--sequence-length", "4",
                        "--sequence-length-variation", "0",
                        "--sequence-id-range", "1000:1100",
                        "--request-count", "62"));

        assertThat(bench(all.toArray(String[]::new))).as(() -> out + "" + err).isZero();

        JsonNode stats = statistics("seq_oldest");
        assertThat(stats.at("/inference_stats/fail/count").asInt()).isZero();
        // Each sequence that 62 requests leave unfinished takes one more to end, as does the first
        // request, which was sent to see whether it is as the model wants it.
        assertThat(stats.at("/inference_stats/success/count").asInt()).isBetween(64, 67);
    }

    @Test
    void measuresWindowsForEachLoadAndWritesFiles() throws Exception {
        Path csv = files.resolve("out.csv");
        Path html = files.resolve("out.html");

        assertThat(
                        bench(
                                "-u",
                                HTTP,
                                "-m",
                                "add_sub_fp32",
                                "--concurrency-range",
                                "1:3:2",
                                "-p",
                                "100",
                                "-r",
                                "3",
                                "-f",
                                csv.toString(),
                                "--html",
                                html.toString(),
                                "-v"))
                .as(() -> out + "" + err)
                .isZero();

        List<String> lines = Files.readAllLines(csv);
        assertThat(lines).hasSize(3);
        assertThat(lines.getFirst())
                .isEqualTo(
                        "Concurrency,Inferences/Second,Client Send,Network+Server"
                                + " Send/Recv,Server Queue,Server Compute Input,Server Compute"
                                + " Infer,Server Compute Output,Client Recv,p50 latency,p90"
                                + " latency,p95 latency,p99 latency");
        assertThat(Files.readString(html)).startsWith("<!DOCTYPE html>").contains("<svg");
        assertThat(out.toString()).contains("window 3:", "Concurrency 3:", "concurrency  infer/s");
    }

    @Test
    void readsInputsFromAFile() throws Exception {
        Path data = files.resolve("data.json");
        Files.writeString(
                data,
                """
                {"data": [
                  {"INPUT0": [1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16], "INPUT1": ["a", "b"]},
                  {"INPUT0": {"content": [1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16], "shape": [16]},
                   "INPUT1": {"content": ["one"], "shape": [1]}}
                ]}
                """);

        assertThat(
                        bench(
                                HTTP,
                                "batching",
                                "--shape",
                                "INPUT1:2",
                                "--input-data",
                                data.toString(),
                                "--request-count",
                                "20"))
                .as(() -> out + "" + err)
                .isZero();
    }

    @Test
    void measuresNothingWithARequestThatTheModelRefuses() throws Exception {
        assertThat(bench("-u", HTTP, "-m", "add_sub_fp32", "--shape", "INPUT0:17")).isEqualTo(1);

        assertThat(out.toString())
                .contains("The first request failed", "unexpected shape for input 'INPUT0'");
        assertThat(statistics("add_sub_fp32").at("/inference_stats/success/count").asInt())
                .isZero();
    }

    @Test
    void saysWhatIsNotThere() {
        assertThat(bench(HTTP, "nobody")).isEqualTo(2);
        assertThat(err.toString()).contains("nobody");
        assertThat(bench("-i", "grpc", GRPC, "nobody")).isEqualTo(2);
        assertThat(bench("127.0.0.1:1", "batching")).isEqualTo(2);
        assertThat(err.toString()).contains("cannot reach 127.0.0.1:1 over HTTP");
        assertThat(bench("-i", "grpc", "127.0.0.1:1", "batching")).isEqualTo(2);
        assertThat(err.toString()).contains("cannot reach 127.0.0.1:1 over gRPC");
    }

    @Test
    void namesTheOtherProtocolWhereItMeetsIt() {
        assertThat(bench(GRPC, "batching")).isEqualTo(2);
        assertThat(err.toString()).contains("-i grpc");
        assertThat(bench("-i", "grpc", HTTP, "batching")).isEqualTo(2);
        assertThat(err.toString()).contains("is it the HTTP port?");
    }
}
