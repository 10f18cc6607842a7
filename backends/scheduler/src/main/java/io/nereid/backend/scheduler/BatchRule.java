package io.nereid.backend.scheduler;

import io.nereid.protocol.InferenceRequest;
import io.nereid.protocol.ModelConfig;
import io.nereid.protocol.Shape;
import io.nereid.protocol.Tensor;
import io.nereid.protocol.TensorSpec;
import java.util.List;
import java.util.Optional;

/**
 * Which requests may share a batch (schedulers section 6): inputs of variable extent must agree in
 * shape unless they are declared ragged, and where inputs are optional the same ones must be given.
 *
 * <p>Shape tensors, which the section names as well, belong to an engine that there is none of
 * here; a configuration with one is refused.
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
                && agreeInShape(first, candidate);
    }

    private static boolean sameInputs(InferenceRequest first, InferenceRequest candidate) {
        return first.inputs().size() == candidate.inputs().size()
                && first.inputs().stream()
                        .allMatch(input -> candidate.input(input.name()).isPresent());
    }

    /** Whether the candidate has all variable inputs that the first has, in the same shapes. */
    private boolean agreeInShape(InferenceRequest first, InferenceRequest candidate) {
        for (String name : variableInputs) {
            Optional<Tensor> input = first.input(name);
            if (input.isPresent()) {
                Optional<Tensor> other = candidate.input(name);
                if (other.isEmpty() || !item(other.get()).equals(item(input.get()))) {
                    return false;
                }
            }
        }
        return true;
    }

    /** Shape without batch dimension; only models with one ever combine requests. */
    private static Shape item(Tensor input) {
        return input.shape().withoutLeading();
    }
}
