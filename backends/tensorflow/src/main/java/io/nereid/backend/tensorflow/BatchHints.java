package io.nereid.backend.tensorflow;

import io.nereid.protocol.Shape;
import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.proto.ModelConfigProto.ModelConfigOrBuilder;
import io.nereid.protocol.proto.ModelConfigProto.ModelTensorReshape;
import java.util.Optional;

/**
 * What the tensors that a configuration lists say of its batch dimension: a model may batch by its
 * shapes and yet be meant not to (model-config section 13.3).
 */
final class BatchHints {
    private final ModelConfigOrBuilder config;
    private final TfSignature signature;
    private Optional<Boolean> batching = Optional.empty();

    BatchHints(ModelConfigOrBuilder config, TfSignature signature) {
        this.config = config;
        this.signature = signature;
    }

    /**
     * Whether the configuration is meant to batch; without a hint it is.
     *
     * @throws StatusException INTERNAL if its tensors contradict each other
     */
    boolean batching() {
        for (var input : config.getInputList()) {
            if (input.getAllowRaggedBatch()) {
                note(true);
                return true;
            }
            hint(
                    Optional.ofNullable(signature.inputs().get(input.getName())),
                    listed(input.hasReshape(), input.getReshape(), input.getDimsCount()));
        }
        for (var output : config.getOutputList()) {
            hint(
                    Optional.ofNullable(signature.outputs().get(output.getName())),
                    listed(output.hasReshape(), output.getReshape(), output.getDimsCount()));
        }
        return batching.orElse(true);
    }

    private static int listed(boolean reshaped, ModelTensorReshape reshape, int dims) {
        return reshaped ? reshape.getShapeCount() : dims;
    }

    /** No dims at all say nothing against batching, nor against other hints. */
    private void hint(Optional<TfPort> port, int listed) {
        Optional<Shape> shape = port.flatMap(known -> known.tensor().shape());
        if (shape.isPresent() && shape.get().rank() > 0 && listed > 0) {
            note(listed == shape.get().rank() - 1);
        }
    }

    private void note(boolean hint) {
        if (batching.isPresent() && batching.get() != hint) {
            throw new StatusException(
                    StatusCode.INTERNAL,
                    "unable to autofill for '"
                            + config.getName()
                            + "', model tensor configurations are contradicting each other in terms"
                            + " of whether batching is supported");
        }
        batching = Optional.of(hint);
    }
}
