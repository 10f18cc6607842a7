package io.nereid.server.main;

import io.nereid.server.training.TrainingRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Command;

/**
 * The training run behind the cache that starts begin with: the launcher runs it with the JVM's
 * option that writes the cache when the process ends.
 */
@Command(
        name = "warm",
        description =
                "Makes the cache of loaded classes that lets this installation start in half the"
                        + " time. Needed again after another Java has been installed.",
        sortOptions = false,
        mixinStandardHelpOptions = true,
        usageHelpAutoWidth = true)
final class WarmCommand {
    /** Arguments of the server that is asked: reachable from this machine only. */
    List<String> serverArguments(Path home) {
        return List.of(
                "--model-repository=" + home.resolve("examples/repository"),
                "--model-control-mode=explicit",
                "--load-model=digits",
                "--http-address=127.0.0.1",
                "--grpc-address=127.0.0.1",
                "--metrics-address=127.0.0.1",
                "--http-port=0",
                "--grpc-port=0",
                "--metrics-port=0",
                "--log-info=false");
    }

    /**
     * Asks the server what clients ask.
     *
     * @throws IOException if it does not answer as it should
     */
    void train(NereidServer server, Path home) throws IOException {
        TrainingRun.ask(
                server.httpPort(),
                server.grpcPort(),
                server.metricsPort(),
                Files.readAllBytes(home.resolve("examples/images/digit_7_0.png")));
    }
}
