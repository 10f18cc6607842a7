package io.nereid.backend.scheduler;

import io.nereid.protocol.InferenceRequest;
import io.nereid.protocol.ModelConfig;
import io.nereid.protocol.Shape;
import io.nereid.protocol.Tensor;
import io.nereid.protocol.TensorSpec;
import java.util.List;

/**
 * Which requests may share a batch (schedulers section 6): inputs of variable extent must agree in
 * shape unless they are declared ragged, and where inputs are optional the same ones must be given.
 */
final class BatchRule {
    private final List<String> variableInputs;
    private final boolean hasOptionalInputs;

    BatchRule(ModelConfig config) {
        this.variableInputs =
                config.inputs().values().stream()
                        .filter(spec -> !spec.ragged() && !spec.dims().isFixed())
                        .map(TensorSpec::name)
                        .toList();
        this.hasOptionalInputs = config.inputs().values().stream().anyMatch(TensorSpec::optional);
    }

    /** Whether {@code candidate} may join a batch that begins with {@code first}. */
    boolean allows(InferenceRequest first, InferenceRequest candidate) {
        return (!hasOptionalInputs || sameInputs(first, candidate))
                && variableInputs.stream().allMatch(name -> sameShape(name, first, candidate));
    }

    private static boolean sameInputs(InferenceRequest first, InferenceRequest candidate) {
        return first.inputs().size() == candidate.inputs().size()
                && first.inputs().stream()
                        .allMatch(input -> candidate.input(input.name()).isPresent());
    }

    private static boolean sameShape(
            String name, InferenceRequest first, InferenceRequest candidate) {
        return first.input(name)
                .map(input ->
                        candidate
                                .input(name)
                                .map(other -> item(other).equals(item(input)))
                                .orElse(false))
                .orElse(true);
    }

    /** Shape without batch dimension; only models with one ever combine requests. */
    private static Shape item(Tensor input) {
        return input.shape().withoutLeading();
    }
}
