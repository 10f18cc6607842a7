package io.nereid.server.conformance;

import java.util.Optional;

/**
 * Recorded cases that cannot pass wherever the build runs. They are replayed, since later cases may
 * depend on them, and counted, but need not pass.
 */
final class Coverage {
    /** The prefix of cases that load models from the only place that SageMaker has. */
    private static final String SAGEMAKER_MODELS = "sagemaker: mme ";

    private Coverage() {}

    /** What a case waits for; empty if it must pass now. */
    static Optional<String> waitsFor(String name) {
        if (name.startsWith(SAGEMAKER_MODELS) && !Surroundings.canHoldModels()) {
            return Optional.of("a user who may write to /opt/ml/models");
        }
        return Optional.empty();
    }
}
