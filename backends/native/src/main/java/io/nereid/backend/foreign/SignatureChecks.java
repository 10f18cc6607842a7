package io.nereid.backend.foreign;

import io.nereid.protocol.Advice;
import io.nereid.protocol.DataType;
import io.nereid.protocol.InvalidConfigException;
import io.nereid.protocol.Shape;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.Suggestions;
import io.nereid.protocol.TensorSpec;
import io.nereid.protocol.proto.ModelConfigProto;
import io.nereid.protocol.proto.ModelConfigProto.ModelSequenceBatching.Control;
import io.nereid.protocol.proto.ModelConfigProto.ModelSequenceBatching.State;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/**
 * Comparisons of a configuration with a model's own inputs and outputs, with the texts of
 * model-config section 14. Engines differ in the order, so each check stands alone.
 */
public final class SignatureChecks {
    private final ModelConfigProto.ModelConfig config;
    private final String model;
    private final int maxBatchSize;

    /** Checks of this configuration. */
    public SignatureChecks(ModelConfigProto.ModelConfig config) {
        this.config = config;
        this.model = config.getName();
        this.maxBatchSize = config.getMaxBatchSize();
    }

    /** Which way a tensor goes; the names are those in messages. */
    public enum Direction {
        INPUT("input"),
        OUTPUT("output");

        private final String word;

        Direction(String word) {
            this.word = word;
        }
    }

    /** Refuses for a reason that no single field is to blame for. */
    public StatusException refuse(String reason) {
        return refuse("", reason, Advice.NONE);
    }

    /**
     * Refuses with the words that begin the messages about a model as a whole.
     *
     * @param path field of the configuration that is at fault
     */
    public StatusException refuse(String path, String reason, Advice advice) {
        return new InvalidConfigException(
                path, "unable to load model '" + model + "', " + reason, advice);
    }

    /** Where the configuration has a tensor; empty if it does not. */
    public String pathOf(Direction direction, String name) {
        List<String> names =
                switch (direction) {
                    case INPUT ->
                            config.getInputList().stream()
                                    .map(ModelConfigProto.ModelInput::getName)
                                    .toList();
                    case OUTPUT ->
                            config.getOutputList().stream()
                                    .map(ModelConfigProto.ModelOutput::getName)
                                    .toList();
                };
        int index = names.indexOf(name);
        return index < 0 ? "" : direction.word + "[" + index + "]";
    }

    /**
     * Checks the number of inputs.
     *
     * @param names those that the model has
     * @throws InvalidConfigException if it differs
     */
    public void inputCount(int configured, Collection<String> names) {
        if (configured != names.size()) {
            List<String> written =
                    config.getInputList().stream()
                            .map(ModelConfigProto.ModelInput::getName)
                            .toList();
            throw refuse(
                    "input",
                    "configuration expects "
                            + configured
                            + " inputs, model provides "
                            + names.size(),
                    new Advice(
                            "inputs " + listed(names),
                            "inputs " + (written.isEmpty() ? "none" : listed(written)),
                            countFix(written, names)));
        }
    }

    private String countFix(Collection<String> written, Collection<String> names) {
        TreeSet<String> missing = new TreeSet<>(names);
        missing.removeAll(written);
        if (!missing.isEmpty()) {
            return "add " + String.join(", ", missing) + ", or list no input to have all filled in";
        }
        boolean optional =
                config.getInputList().stream().anyMatch(ModelConfigProto.ModelInput::getOptional);
        return optional
                ? "remove optional from inputs that the model needs"
                : "list every input of the model once";
    }

    /**
     * Checks that the model knows the name.
     *
     * @throws InvalidConfigException naming those that it knows
     */
    public void knownName(Direction direction, String name, Collection<String> allowed) {
        if (!allowed.contains(name)) {
            throw new InvalidConfigException(
                    pathOf(direction, name) + ".name",
                    "unexpected inference "
                            + direction.word
                            + " '"
                            + name
                            + "', allowed "
                            + direction.word
                            + "s are: "
                            + listed(allowed),
                    new Advice(
                            "one of the model's " + direction.word + "s: " + listed(allowed),
                            "'" + name + "'",
                            Suggestions.rename(
                                    name,
                                    allowed,
                                    allowed.isEmpty()
                                            ? "export the model again, it has no tensor"
                                            : "write one of these names")));
        }
    }

    private static String listed(Collection<String> names) {
        return String.join(", ", new TreeSet<>(names));
    }

    /**
     * Checks the element type.
     *
     * @throws InvalidConfigException if it differs
     */
    public void type(Direction direction, TensorSpec configured, ModelTensor provided) {
        if (configured.type() != provided.type()) {
            throw refuse(
                    pathOf(direction, configured.name()) + ".data_type",
                    "configuration expects datatype "
                            + configured.type().configType()
                            + " for "
                            + direction.word
                            + " '"
                            + configured.name()
                            + "', model provides "
                            + provided.type().configType(),
                    new Advice(
                            provided.type().configType().toString(),
                            configured.type().configType().toString(),
                            "write data_type: " + provided.type().configType()));
        }
    }

    /**
     * Checks the extents, those after a reshape. A variable extent of an input may be narrowed by
     * the configuration; outputs must be equal. Without a known rank all is well.
     *
     * @throws InvalidConfigException if they differ
     */
    public void shape(Direction direction, TensorSpec configured, ModelTensor provided) {
        if (provided.shape().isEmpty()) {
            return;
        }
        Shape model = provided.shape().get();
        Shape dims = configured.modelDims();
        String tensor = "model '" + this.model + "', tensor '" + configured.name() + "': ";
        if (maxBatchSize > 0) {
            if (model.rank() == 0 || model.dim(0) != Shape.ANY) {
                throw new InvalidConfigException(
                        "max_batch_size",
                        tensor
                                + "for the model to support batching the shape should have at least"
                                + " 1 dimension and the first dimension must be -1; but shape"
                                + " expected by the model is "
                                + model,
                        new Advice(
                                "0 for a model whose first dimension does not vary",
                                String.valueOf(maxBatchSize),
                                "write max_batch_size: 0 and the model's whole shape as dims: "
                                        + model));
            }
            dims = dims.withLeading(Shape.ANY);
        }
        if (!fits(model, dims, direction)) {
            String path = pathOf(direction, configured.name());
            throw new InvalidConfigException(
                    path + (configured.reshape().isPresent() ? ".reshape" : ".dims"),
                    tensor + differentShape(model, dims),
                    shapeAdvice(model, configured));
        }
    }

    private Advice shapeAdvice(Shape model, TensorSpec configured) {
        Shape dims = configured.modelDims();
        String field = configured.reshape().isPresent() ? "reshape { shape: " : "dims: ";
        String end = configured.reshape().isPresent() ? " }" : "";
        Shape wanted = maxBatchSize > 0 ? model.withoutLeading() : model;
        boolean repeatsBatch = maxBatchSize > 0 && dims.equals(model);
        boolean lacksBatch =
                maxBatchSize == 0
                        && model.rank() == dims.rank() + 1
                        && model.dim(0) == Shape.ANY
                        && model.withoutLeading().equals(dims);
        String fix = "write " + field + wanted + end;
        if (repeatsBatch) {
            fix += ": the batch dimension is not listed when max_batch_size is above 0";
        } else if (lacksBatch) {
            fix = "set max_batch_size to the largest batch, or " + fix;
        }
        return new Advice(field + wanted + end, field + dims + end, fix);
    }

    private String differentShape(Shape model, Shape dims) {
        return "the model expects "
                + model.rank()
                + " dimensions (shape "
                + model
                + ") but the model configuration specifies "
                + dims.rank()
                + " dimensions "
                + (maxBatchSize > 0
                        ? "(an initial batch dimension because max_batch_size > 0 followed by the"
                                + " explicit tensor shape, making complete shape "
                        : "(shape ")
                + dims
                + ")";
    }

    /**
     * Checks the model's side of a ragged input.
     *
     * @throws InvalidConfigException if it is not one variable dimension
     */
    public void ragged(String input, ModelTensor provided) {
        if (provided.shape().isPresent() && !provided.shape().get().equals(Shape.of(Shape.ANY))) {
            throw refuse(
                    pathOf(Direction.INPUT, input) + ".allow_ragged_batch",
                    "configuration expects model provides input with shape [-1]  for ragged input '"
                            + input
                            + "', model provides "
                            + provided.shape().get(),
                    new Advice(
                            "a model whose input has the shape [-1]",
                            provided.shape().get().toString(),
                            "remove allow_ragged_batch"));
        }
    }

    /**
     * Checks the model's side of an output that is cut by the shapes of an input.
     *
     * @throws InvalidConfigException if it is not one variable dimension
     */
    public void scattered(String output, ModelTensor provided) {
        if (provided.shape().isPresent() && !provided.shape().get().equals(Shape.of(Shape.ANY))) {
            throw refuse(
                    "batch_output",
                    "configuration expects model provides output with shape [-1] for batch output '"
                            + output
                            + "', model provides "
                            + provided.shape().get(),
                    new Advice(
                            "a model whose output has the shape [-1]",
                            provided.shape().get().toString(),
                            "remove batch_output"));
        }
    }

    /**
     * Checks that inputs which a request may leave out are not asked for.
     *
     * @throws InvalidConfigException naming the first
     */
    public static void noOptionalInputs(ModelConfigProto.ModelConfig config) {
        for (int i = 0; i < config.getInputCount(); i++) {
            if (config.getInput(i).getOptional()) {
                throw new InvalidConfigException(
                        "input[" + i + "].optional",
                        "'optional' is set to true for input '"
                                + config.getInput(i).getName()
                                + "' while the backend model doesn't support optional input",
                        Advice.fix("remove optional: a model of this engine needs every input"));
            }
        }
    }

    /**
     * Checks that the model has the inputs and outputs that carry the states of sequences
     * (schedulers section 13).
     *
     * @param inputs element types of the model's inputs by name
     * @param outputs element types of the model's outputs by name
     * @throws InvalidConfigException naming the first that is missing or of another type
     */
    public void states(Map<String, DataType> inputs, Map<String, DataType> outputs) {
        List<State> states = config.getSequenceBatching().getStateList();
        for (int i = 0; i < states.size(); i++) {
            State state = states.get(i);
            String path = "sequence_batching.state[" + i + "]";
            DataType type = DataType.ofConfig(state.getDataType());
            state(path + ".input_name", Direction.INPUT, state.getInputName(), type, inputs);
            state(path + ".output_name", Direction.OUTPUT, state.getOutputName(), type, outputs);
        }
    }

    private void state(
            String path,
            Direction direction,
            String name,
            DataType configured,
            Map<String, DataType> provided) {
        DataType type = provided.get(name);
        if (type == null) {
            throw refuse(
                    path,
                    "configuration specified sequence state '"
                            + name
                            + "', but model does not provide that "
                            + direction.word,
                    new Advice(
                            "one of the model's "
                                    + direction.word
                                    + "s: "
                                    + listed(provided.keySet()),
                            "'" + name + "'",
                            Suggestions.rename(
                                    name, provided.keySet(), "write one of these names")));
        }
        if (type != configured) {
            throw refuse(
                    path,
                    "configuration expects datatype "
                            + configured.configType()
                            + " for sequence state '"
                            + name
                            + "', model provides "
                            + type.configType(),
                    new Advice(
                            type.configType().toString(),
                            configured.configType().toString(),
                            "write data_type: " + type.configType()));
        }
    }

    /** The element type that a control's values need, if it says. */
    public static Optional<DataType> controlType(Control control) {
        if (control.getInt32FalseTrueCount() > 0) {
            return Optional.of(DataType.INT32);
        }
        if (control.getFp32FalseTrueCount() > 0) {
            return Optional.of(DataType.FP32);
        }
        if (control.getBoolFalseTrueCount() > 0) {
            return Optional.of(DataType.BOOL);
        }
        DataType type = DataType.ofConfig(control.getDataType());
        return type == DataType.INVALID ? Optional.empty() : Optional.of(type);
    }

    private static boolean fits(Shape model, Shape dims, Direction direction) {
        if (model.rank() != dims.rank()) {
            return false;
        }
        for (int i = 0; i < model.rank(); i++) {
            boolean narrowed = direction == Direction.INPUT && model.dim(i) == Shape.ANY;
            if (model.dim(i) != dims.dim(i) && !narrowed) {
                return false;
            }
        }
        return true;
    }
}
