package io.nereid.backend.djl;

import io.nereid.protocol.DataType;
import io.nereid.protocol.ModelConfig;
import io.nereid.protocol.Shape;
import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.TensorSpec;
import io.nereid.protocol.proto.ModelConfigProto;
import io.nereid.protocol.proto.ModelConfigProto.ModelSequenceBatching.State;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** A configuration against what DJL can do and what a model offers (model-config section 14). */
final class ConfigCheck {
    private final ModelConfig config;

    ConfigCheck(ModelConfig config) {
        this.config = config;
    }

    /**
     * Refuses what cannot pass through DJL, before anything is loaded.
     *
     * @throws StatusException UNSUPPORTED naming the tensor and the reason
     */
    void requireCarried(EngineProfile profile) {
        config.inputs().values().forEach(spec -> requireType("input", spec, profile));
        config.outputs().values().forEach(spec -> requireType("output", spec, profile));
        for (State state : states()) {
            requireType(
                    "state", state.getInputName(), DataType.ofConfig(state.getDataType()), profile);
        }
        for (TensorSpec input : config.inputs().values()) {
            if (input.optional()) {
                throw StatusException.invalidArgument(
                        "'optional' is set to true for input '"
                                + input.name()
                                + "' while the backend model doesn't support optional input");
            }
        }
        if (config.message().getBatchInputCount() + config.message().getBatchOutputCount() > 0) {
            throw unsupported("DJL models take no batch_input and no batch_output");
        }
        if (asksForAccelerators()) {
            throw unsupported("DJL models take no execution accelerators");
        }
        if (config.decoupled()) {
            throw unsupported("DJL models answer once per request and cannot be decoupled");
        }
    }

    /** Accelerators for a GPU concern instances on a GPU only. */
    private boolean asksForAccelerators() {
        ModelConfigProto.ModelOptimizationPolicy.ExecutionAccelerators accelerators =
                config.message().getOptimization().getExecutionAccelerators();
        boolean onGpu =
                config.message().getInstanceGroupList().stream()
                        .anyMatch(group ->
                                group.getKind()
                                        == ModelConfigProto.ModelInstanceGroup.Kind.KIND_GPU);
        return accelerators.getCpuExecutionAcceleratorCount() > 0
                || (onGpu && accelerators.getGpuExecutionAcceleratorCount() > 0);
    }

    private void requireType(String role, TensorSpec spec, EngineProfile profile) {
        requireType(role, spec.name(), spec.type(), profile);
    }

    private void requireType(String role, String name, DataType type, EngineProfile profile) {
        if (!profile.types().contains(type)) {
            throw unsupported(
                    "DJL's engine "
                            + profile.name()
                            + " cannot carry datatype "
                            + type.configType()
                            + " of "
                            + role
                            + " '"
                            + name
                            + "' unchanged, it carries "
                            + profile.typeNames());
        }
    }

    /**
     * Compares with a model whose inputs and outputs are known.
     *
     * @throws StatusException INVALID_ARG with the text of section 14
     */
    void requireMatches(ModelSignature signature) {
        requireInputs(signature.inputs());
        requireKnown("output", config.outputs().keySet(), signature.outputs());
        config.inputs().values().forEach(spec -> compare("input", spec, signature.inputs()));
        config.outputs().values().forEach(spec -> compare("output", spec, signature.outputs()));
    }

    /**
     * Compares the inputs' names with a model's. An engine that does not tell is believed.
     *
     * @throws StatusException INVALID_ARG with the text of section 14
     */
    void requireInputs(List<TensorDescription> inputs) {
        if (inputs.isEmpty()) {
            return;
        }
        requireKnown("input", config.inputs().keySet(), inputs);
        Set<String> fed = new TreeSet<>(config.inputs().keySet());
        controls().forEach(fed::add);
        states().forEach(state -> fed.add(state.getInputName()));
        for (String control : controls()) {
            if (find(control, inputs).isEmpty()) {
                throw new StatusException(
                        StatusCode.INTERNAL,
                        "configuration specified sequence control '"
                                + control
                                + "', but model does not provide that input");
            }
        }
        for (State state : states()) {
            if (find(state.getInputName(), inputs).isEmpty()) {
                throw invalid(
                        "configuration specified sequence state '"
                                + state.getInputName()
                                + "', but model does not provide that input");
            }
        }
        if (fed.size() != inputs.size()) {
            throw invalid(
                    "configuration expects "
                            + fed.size()
                            + " inputs, model provides "
                            + inputs.size());
        }
    }

    private void requireKnown(
            String role, Collection<String> names, List<TensorDescription> tensors) {
        for (String name : names) {
            if (find(name, tensors).isEmpty()) {
                throw StatusException.invalidArgument(
                        "unexpected inference "
                                + role
                                + " '"
                                + name
                                + "', allowed "
                                + role
                                + "s are: "
                                + tensors.stream()
                                        .map(TensorDescription::name)
                                        .sorted()
                                        .collect(Collectors.joining(", ")));
            }
        }
    }

    private void compare(String role, TensorSpec spec, List<TensorDescription> tensors) {
        TensorDescription tensor = find(spec.name(), tensors).orElseThrow();
        DataType type = tensor.type().orElse(spec.type());
        if (type != spec.type()) {
            throw invalid(
                    "configuration expects datatype "
                            + spec.type().configType()
                            + " for "
                            + role
                            + " '"
                            + spec.name()
                            + "', model provides "
                            + type.configType());
        }
        tensor.shape().ifPresent(shape -> compareShape(role, spec, shape));
    }

    private void compareShape(String role, TensorSpec spec, Shape model) {
        String where = "model '" + config.name() + "', tensor '" + spec.name() + "': ";
        Shape dims = spec.modelDims();
        if (!config.batches()) {
            if (!fits(role, model, dims)) {
                throw StatusException.invalidArgument(
                        where
                                + "the model expects "
                                + model.rank()
                                + " dimensions (shape "
                                + model
                                + ") but the model configuration specifies "
                                + dims.rank()
                                + " dimensions (shape "
                                + dims
                                + ")");
            }
            return;
        }
        if (model.rank() == 0 || model.dim(0) != Shape.ANY) {
            throw StatusException.invalidArgument(
                    where
                            + "for the model to support batching the shape should have at least 1"
                            + " dimension and the first dimension must be -1; but shape expected by"
                            + " the model is "
                            + model);
        }
        Shape complete = dims.withLeading(Shape.ANY);
        if (!fits(role, model, complete)) {
            throw StatusException.invalidArgument(
                    where
                            + "the model expects "
                            + model.rank()
                            + " dimensions (shape "
                            + model
                            + ") but the model configuration specifies "
                            + complete.rank()
                            + " dimensions (an initial batch dimension because max_batch_size > 0"
                            + " followed by the explicit tensor shape, making complete shape "
                            + complete
                            + ")");
        }
    }

    /** A configuration may narrow what a model takes, not what it gives. */
    private static boolean fits(String role, Shape model, Shape configured) {
        if (role.equals("output")) {
            return model.equals(configured);
        }
        boolean fits = model.rank() == configured.rank();
        for (int i = 0; fits && i < model.rank(); i++) {
            fits = model.dim(i) == Shape.ANY || model.dim(i) == configured.dim(i);
        }
        return fits;
    }

    private List<String> controls() {
        return config.message().getSequenceBatching().getControlInputList().stream()
                .map(ModelConfigProto.ModelSequenceBatching.ControlInput::getName)
                .toList();
    }

    private List<State> states() {
        return config.message().getSequenceBatching().getStateList();
    }

    private static Optional<TensorDescription> find(String name, List<TensorDescription> tensors) {
        return tensors.stream().filter(tensor -> tensor.name().equals(name)).findFirst();
    }

    private StatusException invalid(String reason) {
        return StatusException.invalidArgument(
                "unable to load model '" + config.name() + "', " + reason);
    }

    private StatusException unsupported(String reason) {
        return new StatusException(
                StatusCode.UNSUPPORTED, "unable to load model '" + config.name() + "', " + reason);
    }
}
