package io.nereid.benchmarks;

import io.nereid.benchmarks.load.LoadGenerators;
import io.nereid.benchmarks.load.NereidProcess;
import io.nereid.benchmarks.load.RequestFiles;
import io.nereid.benchmarks.models.BenchmarkModels;
import io.nereid.benchmarks.models.Requests;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * Where things lie in a checkout, and how what is measured is started from there.
 *
 * @param root of the checkout
 */
public record Workplace(Path root) {
    private static final String JAVA =
            Path.of(System.getProperty("java.home"), "bin", "java").toString();
    private static final String ENGINE_PROGRAM = "io.nereid.benchmarks.limits.EngineProgram";
    private static final String PEER = "io.nereid.benchmarks.limits.DjlPeer";

    /** Writes models and requests. */
    public void prepare() throws IOException {
        Files.createDirectories(repository());
        BenchmarkModels.write(repository());
        BenchmarkModels.writeTiny(tinyRepository());
        new RequestFiles(requests()).write();
        Files.deleteIfExists(log());
    }

    /** The distribution. */
    Path home() {
        return root.resolve("server/target/nereid");
    }

    /** The repository with all models. */
    public Path repository() {
        return work().resolve("repository");
    }

    /** A repository with one tiny ONNX model. */
    Path tinyRepository() {
        return work().resolve("tiny");
    }

    /** What all programs write to. */
    Path log() {
        return work().resolve("programs.log");
    }

    /** Sends the requests. */
    public LoadGenerators load() {
        return new LoadGenerators(new RequestFiles(requests()));
    }

    NereidProcess nereid(Path repository) throws IOException {
        return nereid(repository, "", List.of());
    }

    /**
     * Starts the server and waits until it is ready.
     *
     * @param javaOptions in addition to the launcher's
     * @param flags in addition to repository and ports
     */
    public NereidProcess nereid(Path repository, String javaOptions, List<String> flags)
            throws IOException {
        return NereidProcess.start(home(), repository, javaOptions, log(), flags);
    }

    /**
     * The C program; it answers with as many bytes as Nereid does.
     *
     * @param sizes of Nereid's answers
     */
    HttpSubject responder(Map<Requests, Integer> sizes) throws IOException {
        String program = work().resolve("limits/responder").toString();
        return HttpSubject.start(
                port -> List.of(program, Integer.toString(port)),
                log(),
                load(),
                request -> request,
                request -> "/" + sizes.get(request));
    }

    ProgramSubject rapidJson() throws IOException {
        String body = new RequestFiles(requests()).body(Requests.UINT8_LIST_IN).toString();
        return ProgramSubject.start(
                List.of(work().resolve("limits/rapidjson").toString(), body),
                log(),
                (_, seconds) -> Integer.toString(seconds));
    }

    ProgramSubject engine() throws IOException {
        List<String> command = new ArrayList<>(List.of(JAVA));
        command.add("--enable-native-access=ALL-UNNAMED");
        command.addAll(classPath(home() + "/lib/*", home() + "/backends/onnxruntime/*"));
        command.addAll(List.of(ENGINE_PROGRAM, home().toString(), repository().toString()));
        return ProgramSubject.start(
                command, log(), (row, seconds) -> row.request() + " " + seconds);
    }

    /** DJL with the jars of the distribution's own folder of it. */
    HttpSubject peer(List<Requests> served) throws IOException {
        Path engines = home().resolve("backends/djl/engines");
        List<String> fixed =
                new ArrayList<>(
                        List.of(
                                JAVA,
                                "--enable-native-access=ALL-UNNAMED",
                                "-Donnxruntime.native.path="
                                        + engines.resolve("onnxruntime/native")));
        fixed.addAll(
                classPath(
                        home() + "/lib/*",
                        engines + "/common/*",
                        engines + "/onnxruntime/*",
                        engines + "/onnxruntime/classes"));
        return HttpSubject.start(
                port -> {
                    List<String> command = new ArrayList<>(fixed);
                    command.addAll(List.of(PEER, Integer.toString(port), repository().toString()));
                    served.forEach(request -> command.add(request.toString()));
                    return command;
                },
                log(),
                load(),
                Requests::raw,
                request -> "/" + request.model());
    }

    private List<String> classPath(String... others) {
        List<String> entries = new ArrayList<>(Arrays.asList(others));
        entries.addFirst(System.getProperty("java.class.path").split(":", 2)[0]);
        return List.of("-cp", String.join(":", entries));
    }

    private Path requests() {
        return work().resolve("requests");
    }

    private Path work() {
        return root.resolve("benchmarks/target");
    }
}
