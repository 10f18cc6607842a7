package io.nereid.ensemble;

import io.nereid.protocol.DataType;
import io.nereid.protocol.ModelConfig;
import io.nereid.protocol.Shape;
import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.TensorSpec;
import java.util.HashMap;
import java.util.Map;

/**
 * What must hold between an ensemble and the models of its steps (schedulers section 14.2). Steps
 * are checked one after the other; each tensor is compared with what was first said about it.
 */
final class GraphRules {
    /**
     * What a model says about a tensor.
     *
     * @param model the model
     * @param type element type
     * @param dims extents without batch dimension
     * @param shape extents with batch dimension
     */
    private record Claim(String model, DataType type, Shape dims, Shape shape) {
        static Claim of(ModelConfig config, DataType type, Shape dims) {
            Shape shape = config.batches() ? dims.withLeading(Shape.ANY) : dims;
            return new Claim(config.name(), type, dims, shape);
        }

        boolean agreesInShapeWith(Claim other) {
            return dims.isCompatibleWith(other.dims) || shape.isCompatibleWith(other.shape);
        }
    }

    private final ModelConfig ensemble;
    private final Map<String, Claim> claims = new HashMap<>();

    GraphRules(ModelConfig ensemble) {
        this.ensemble = ensemble;
        ensemble.inputs().values().forEach(this::claimOfEnsemble);
        ensemble.outputs().values().forEach(this::claimOfEnsemble);
    }

    private void claimOfEnsemble(TensorSpec spec) {
        claims.put(spec.name(), Claim.of(ensemble, spec.type(), spec.modelDims()));
    }

    void check(EnsembleGraph.Step step, ModelConfig model) {
        if (model.decoupled()) {
            throw new StatusException(
                    StatusCode.UNSUPPORTED,
                    text(
                            "step of model '"
                                    + model.name()
                                    + "' is decoupled, which is not supported"
                                    + " in an ensemble yet"));
        }
        if (model.batches() && model.maxBatchSize() < ensemble.maxBatchSize()) {
            throw StatusException.invalidArgument(
                    "ensemble "
                            + ensemble.name()
                            + " allows maximum batch size "
                            + ensemble.maxBatchSize()
                            + ", but it contains model "
                            + model.name()
                            + " which only allows maximum batch size to be "
                            + model.maxBatchSize());
        }
        checkInputs(step, model);
        checkOutputs(step, model);
    }

    private void checkInputs(EnsembleGraph.Step step, ModelConfig model) {
        step.inputs()
                .forEach((input, tensor) -> {
                    TensorSpec spec =
                            model.input(input)
                                    .orElseThrow(() ->
                                            invalid(
                                                    "ensemble tensor "
                                                            + tensor
                                                            + " is mapping to non-existing input "
                                                            + input
                                                            + " in model "
                                                            + model.name()));
                    checkClaim(tensor, Claim.of(model, spec.type(), spec.dims()));
                });
        for (TensorSpec spec : model.inputs().values()) {
            if (!spec.optional() && !step.inputs().containsKey(spec.name())) {
                throw invalid(
                        "input "
                                + spec.name()
                                + " in model "
                                + model.name()
                                + " is not mapped to any ensemble tensors");
            }
        }
    }

    private void checkOutputs(EnsembleGraph.Step step, ModelConfig model) {
        step.outputs()
                .forEach((output, tensor) -> {
                    TensorSpec spec =
                            model.output(output)
                                    .orElseThrow(() ->
                                            invalid(
                                                    "ensemble tensor "
                                                            + tensor
                                                            + " is mapped from non-existing output "
                                                            + output
                                                            + " in model "
                                                            + model.name()));
                    checkClaim(tensor, Claim.of(model, spec.type(), spec.dims()));
                });
    }

    private void checkClaim(String tensor, Claim claim) {
        Claim first = claims.putIfAbsent(tensor, claim);
        if (first == null) {
            return;
        }
        if (first.type() != claim.type()) {
            throw inconsistent(
                    tensor,
                    "data type",
                    first,
                    first.type().configType().toString(),
                    claim,
                    claim.type().configType().toString());
        }
        if (!first.agreesInShapeWith(claim)) {
            throw inconsistent(
                    tensor,
                    "shape",
                    first,
                    first.shape().toString(),
                    claim,
                    claim.shape().toString());
        }
    }

    private StatusException inconsistent(
            String tensor, String what, Claim first, String said, Claim claim, String says) {
        return invalid(
                "ensemble tensor "
                        + tensor
                        + ": inconsistent "
                        + what
                        + ": "
                        + said
                        + " is inferred from model "
                        + first.model()
                        + " while "
                        + says
                        + " is inferred from model "
                        + claim.model());
    }

    private StatusException invalid(String rest) {
        return StatusException.invalidArgument(text(rest));
    }

    private String text(String rest) {
        return "in ensemble " + ensemble.name() + ", " + rest;
    }
}
