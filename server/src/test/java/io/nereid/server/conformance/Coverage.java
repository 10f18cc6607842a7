package io.nereid.server.conformance;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Recorded cases about what Nereid does not have yet. They are replayed, since later cases may
 * depend on them, and counted, but need not pass.
 */
final class Coverage {
    /** The prefix of cases that load models from the only place that SageMaker has. */
    private static final String SAGEMAKER_MODELS = "sagemaker: mme ";

    private static final Map<String, String> LATER = new LinkedHashMap<>();

    static {
        for (String begin :
                List.of(
                        "seq_direct ",
                        "seq id zero",
                        "seq never started",
                        "seq batch 2",
                        "seq_str start",
                        "seq_str end",
                        "seq_str empty id",
                        "grpc infer seq",
                        "grpc stream sequence")) {
            LATER.put(begin, "sequence batching");
        }
    }

    private Coverage() {}

    /** What a case waits for; empty if it must pass now. */
    static Optional<String> waitsFor(String name) {
        if (name.startsWith(SAGEMAKER_MODELS) && !Surroundings.canHoldModels()) {
            return Optional.of("a user who may write to /opt/ml/models");
        }
        return LATER.entrySet().stream()
                .filter(later -> name.startsWith(later.getKey()))
                .map(Map.Entry::getValue)
                .findFirst();
    }
}
