package io.nereid.server.main;

import io.nereid.server.ServerOptions;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Flags of the SageMaker port, and what its platform's environment says (cli section 2). */
final class SageMakerFlags {
    /** Where the platform unpacks models of multi-model endpoints. */
    private static final Path ARCHIVES = Path.of("/opt/ml/models");

    @Option(
            names = "--allow-sagemaker",
            converter = OptionValues.Bool.class,
            description = "Serve SageMaker's /ping and /invocations.")
    boolean allow;

    @Option(
            names = "--sagemaker-port",
            converter = OptionValues.Int.class,
            description = "Port to listen on.")
    int port = 8080;

    @Option(
            names = "--sagemaker-safe-port-range",
            converter = OptionValues.Range.class,
            description = "Ports that every other service must use: <lowest>-<highest>.")
    Optional<ServerOptions.PortRange> safePortRange = Optional.empty();

    ServerOptions.SageMaker options(Map<String, String> environment) {
        return new ServerOptions.SageMaker(
                allow,
                port,
                safePortRange,
                Optional.ofNullable(environment.get("SAGEMAKER_TRITON_DEFAULT_MODEL_NAME")),
                environment.getOrDefault("SAGEMAKER_TRITON_INFERENCE_TYPE", "infer"),
                environment.getOrDefault("SAGEMAKER_TRITON_PING_MODE", "ready"),
                ARCHIVES);
    }
}
