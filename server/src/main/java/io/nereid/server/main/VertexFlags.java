package io.nereid.server.main;

import io.nereid.server.ServerOptions;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Flags of the Vertex AI port, and what its platform's environment says (cli sections 2 and 5). */
final class VertexFlags {
    @Option(
            names = "--allow-vertex-ai",
            converter = OptionValues.Bool.class,
            description = "Serve Vertex AI. Default: whether AIP_MODE is PREDICTION.")
    Optional<Boolean> allow = Optional.empty();

    @Option(
            names = "--vertex-ai-port",
            converter = OptionValues.Int.class,
            description = "Port to listen on. Default: AIP_HTTP_PORT, or 8080.")
    Optional<Integer> port = Optional.empty();

    @Option(
            names = "--vertex-ai-default-model",
            description = "Model behind the predict route. Default: the only model.")
    String defaultModel = "";

    /** Whether the platform started this process. */
    static boolean isPrediction(Map<String, String> environment) {
        return environment.getOrDefault("AIP_MODE", "").equals("PREDICTION");
    }

    ServerOptions.Vertex options(Map<String, String> environment) {
        return new ServerOptions.Vertex(
                allow.orElse(isPrediction(environment)),
                port.orElseGet(() ->
                        new OptionValues.Int()
                                .convert(environment.getOrDefault("AIP_HTTP_PORT", "8080"))),
                defaultModel.isEmpty() ? Optional.empty() : Optional.of(defaultModel),
                Optional.ofNullable(environment.get("AIP_PREDICT_ROUTE")),
                Optional.ofNullable(environment.get("AIP_HEALTH_ROUTE")));
    }
}
