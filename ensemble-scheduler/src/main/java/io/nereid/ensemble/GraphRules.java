package io.nereid.ensemble;

import io.nereid.protocol.Advice;
import io.nereid.protocol.DataType;
import io.nereid.protocol.InvalidConfigException;
import io.nereid.protocol.ModelConfig;
import io.nereid.protocol.Shape;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.Suggestions;
import io.nereid.protocol.TensorSpec;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.Function;

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
     * @param path field of the ensemble's configuration that the claim is about
     */
    private record Claim(String model, DataType type, Shape dims, Shape shape, String path) {
        static Claim of(ModelConfig config, DataType type, Shape dims, String path) {
            Shape shape = config.batches() ? dims.withLeading(Shape.ANY) : dims;
            return new Claim(config.name(), type, dims, shape, path);
        }

        boolean agreesInShapeWith(Claim other) {
            return dims.isCompatibleWith(other.dims) || shape.isCompatibleWith(other.shape);
        }
    }

    private final ModelConfig ensemble;
    private final Consumer<StatusException> breaches;
    private final Map<String, Claim> claims = new HashMap<>();

    /**
     * @param breaches takes each rule that is broken; may throw it
     */
    GraphRules(ModelConfig ensemble, Consumer<StatusException> breaches) {
        this.ensemble = ensemble;
        this.breaches = breaches;
        claimOwn(ensemble.inputs().values(), "input");
        claimOwn(ensemble.outputs().values(), "output");
    }

    private void claimOwn(Collection<TensorSpec> specs, String list) {
        int index = 0;
        for (TensorSpec spec : specs) {
            String path = list + "[" + index + "]";
            claims.put(spec.name(), Claim.of(ensemble, spec.type(), spec.modelDims(), path));
            index++;
        }
    }

    void check(EnsembleGraph.Step step, ModelConfig model) {
        String path = "ensemble_scheduling.step[" + step.index() + "]";
        if (model.batches() && model.maxBatchSize() < ensemble.maxBatchSize()) {
            broken(
                    "max_batch_size",
                    "ensemble "
                            + ensemble.name()
                            + " allows maximum batch size "
                            + ensemble.maxBatchSize()
                            + ", but it contains model "
                            + model.name()
                            + " which only allows maximum batch size to be "
                            + model.maxBatchSize(),
                    new Advice(
                            "at most " + model.maxBatchSize(),
                            String.valueOf(ensemble.maxBatchSize()),
                            "write max_batch_size: "
                                    + model.maxBatchSize()
                                    + ", or raise it in model "
                                    + model.name()));
        }
        checkInputs(step, model, path);
        checkOutputs(step, model, path);
    }

    /** A step reads tensors of which some follow from another decoupled step than others. */
    void differentOrigins(EnsembleGraph.Step step) {
        broken(
                "ensemble_scheduling.step[" + step.index() + "].input_map",
                text(
                        "step of model '"
                                + step.modelName()
                                + "' receives inputs originated from different decoupled models"),
                new Advice(
                        "tensors that all follow from the same decoupled step, or all from none",
                        listed(Set.copyOf(step.inputs().values())),
                        "pass what the step needs through the decoupled model, so that each of its"
                                + " responses brings it along"));
    }

    private void checkInputs(EnsembleGraph.Step step, ModelConfig model, String path) {
        step.inputs()
                .forEach((input, tensor) -> {
                    String entry = path + ".input_map[\"" + input + "\"]";
                    model.input(input)
                            .ifPresentOrElse(
                                    spec -> checkClaim(tensor, claimOf(model, spec, entry)),
                                    () ->
                                            unknown(
                                                    entry,
                                                    "ensemble tensor "
                                                            + tensor
                                                            + " is mapping to non-existing input ",
                                                    input,
                                                    model,
                                                    model.inputs().keySet()));
                });
        for (TensorSpec spec : model.inputs().values()) {
            if (!spec.optional() && !step.inputs().containsKey(spec.name())) {
                broken(
                        path + ".input_map",
                        text(
                                "input "
                                        + spec.name()
                                        + " in model "
                                        + model.name()
                                        + " is not mapped to any ensemble tensors"),
                        new Advice(
                                "an entry for each of " + listed(model.inputs().keySet()),
                                "entries for " + listed(step.inputs().keySet()),
                                "add input_map { key: \""
                                        + spec.name()
                                        + "\" value: \"...\" } with the tensor to read"));
            }
        }
    }

    private void checkOutputs(EnsembleGraph.Step step, ModelConfig model, String path) {
        step.outputs()
                .forEach((output, tensor) -> {
                    String entry = path + ".output_map[\"" + output + "\"]";
                    model.output(output)
                            .ifPresentOrElse(
                                    spec -> checkClaim(tensor, claimOf(model, spec, entry)),
                                    () ->
                                            unknown(
                                                    entry,
                                                    "ensemble tensor "
                                                            + tensor
                                                            + " is mapped from non-existing"
                                                            + " output ",
                                                    output,
                                                    model,
                                                    model.outputs().keySet()));
                });
    }

    private static Claim claimOf(ModelConfig model, TensorSpec spec, String path) {
        return Claim.of(model, spec.type(), spec.dims(), path);
    }

    private void unknown(
            String path, String subject, String name, ModelConfig model, Set<String> known) {
        broken(
                path,
                text(subject + name + " in model " + model.name()),
                new Advice(
                        "a key that the model has: " + listed(known),
                        "'" + name + "'",
                        Suggestions.rename(
                                name,
                                known,
                                "the key is the model's tensor, the value the ensemble's: correct"
                                        + " the key")));
    }

    private static String listed(Set<String> names) {
        return names.isEmpty() ? "none" : String.join(", ", new TreeSet<>(names));
    }

    private void checkClaim(String tensor, Claim claim) {
        Claim first = claims.putIfAbsent(tensor, claim);
        if (first == null) {
            return;
        }
        if (first.type() != claim.type()) {
            inconsistent(tensor, "data type", first, claim, each -> each.type().configType());
        } else if (!first.agreesInShapeWith(claim)) {
            inconsistent(tensor, "shape", first, claim, Claim::shape);
        }
    }

    private void inconsistent(
            String tensor, String what, Claim first, Claim claim, Function<Claim, Object> value) {
        String said = String.valueOf(value.apply(first));
        String says = String.valueOf(value.apply(claim));
        String text =
                text(
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
        if (first.model().equals(ensemble.name())) {
            broken(
                    first.path() + (what.equals("shape") ? ".dims" : ".data_type"),
                    text,
                    new Advice(
                            says + ", as model " + claim.model() + " has it",
                            said,
                            "give '" + tensor + "' the " + what + " that the model has"));
        } else {
            broken(
                    claim.path(),
                    text,
                    new Advice(
                            said + ", as model " + first.model() + " has it",
                            says + ", as model " + claim.model() + " has it",
                            "connect tensors of the same type and shape, or add a step that"
                                    + " converts"));
        }
    }

    private void broken(String path, String text, Advice advice) {
        breaches.accept(new InvalidConfigException(path, text, advice));
    }

    private String text(String rest) {
        return "in ensemble " + ensemble.name() + ", " + rest;
    }
}
