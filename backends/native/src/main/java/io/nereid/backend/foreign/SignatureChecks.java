package io.nereid.backend.foreign;

import io.nereid.protocol.DataType;
import io.nereid.protocol.Shape;
import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.TensorSpec;
import io.nereid.protocol.proto.ModelConfigProto;
import io.nereid.protocol.proto.ModelConfigProto.ModelSequenceBatching.Control;
import java.util.Collection;
import java.util.Optional;
import java.util.TreeSet;

/**
 * Comparisons of a configuration with a model's own inputs and outputs, with the texts of
 * model-config section 14. Engines differ in the order, so each check stands alone.
 */
public final class SignatureChecks {
    private final String model;
    private final int maxBatchSize;

    /**
     * @param model name of the model
     * @param maxBatchSize of its configuration
     */
    public SignatureChecks(String model, int maxBatchSize) {
        this.model = model;
        this.maxBatchSize = maxBatchSize;
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

    /** What begins the messages about a model as a whole. */
    public StatusException refuse(String reason) {
        return StatusException.invalidArgument("unable to load model '" + model + "', " + reason);
    }

    /**
     * Checks the number of inputs.
     *
     * @throws StatusException INVALID_ARG if it differs
     */
    public void inputCount(int configured, int provided) {
        if (configured != provided) {
            throw refuse(
                    "configuration expects " + configured + " inputs, model provides " + provided);
        }
    }

    /**
     * Checks that the model knows the name.
     *
     * @throws StatusException INVALID_ARG naming those that it knows
     */
    public void knownName(Direction direction, String name, Collection<String> allowed) {
        if (!allowed.contains(name)) {
            throw StatusException.invalidArgument(
                    "unexpected inference "
                            + direction.word
                            + " '"
                            + name
                            + "', allowed "
                            + direction.word
                            + "s are: "
                            + String.join(", ", new TreeSet<>(allowed)));
        }
    }

    /**
     * Checks the element type.
     *
     * @throws StatusException INVALID_ARG if it differs
     */
    public void type(Direction direction, TensorSpec configured, ModelTensor provided) {
        if (configured.type() != provided.type()) {
            throw refuse(
                    "configuration expects datatype "
                            + configured.type().configType()
                            + " for "
                            + direction.word
                            + " '"
                            + configured.name()
                            + "', model provides "
                            + provided.type().configType());
        }
    }

    /**
     * Checks the extents, those after a reshape. A variable extent of an input may be narrowed by
     * the configuration; outputs must be equal. Without a known rank all is well.
     *
     * @throws StatusException INVALID_ARG if they differ
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
                throw StatusException.invalidArgument(
                        tensor
                                + "for the model to support batching the shape should have at least"
                                + " 1 dimension and the first dimension must be -1; but shape"
                                + " expected by the model is "
                                + model);
            }
            dims = dims.withLeading(Shape.ANY);
        }
        if (!fits(model, dims, direction)) {
            throw StatusException.invalidArgument(tensor + differentShape(model, dims));
        }
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
     * @throws StatusException INVALID_ARG if it is not one variable dimension
     */
    public void ragged(String input, ModelTensor provided) {
        if (provided.shape().isPresent() && !provided.shape().get().equals(Shape.of(Shape.ANY))) {
            throw refuse(
                    "configuration expects model provides input with shape [-1]  for ragged input '"
                            + input
                            + "', model provides "
                            + provided.shape().get());
        }
    }

    /**
     * Checks that inputs which a request may leave out are not asked for.
     *
     * @throws StatusException INVALID_ARG naming the first
     */
    public static void noOptionalInputs(ModelConfigProto.ModelConfig config) {
        for (ModelConfigProto.ModelInput input : config.getInputList()) {
            if (input.getOptional()) {
                throw StatusException.invalidArgument(
                        "'optional' is set to true for input '"
                                + input.getName()
                                + "' while the backend model doesn't support optional input");
            }
        }
    }

    /**
     * Checks that no output is to be cut by the shapes of an input, which is not done here.
     *
     * @throws StatusException UNSUPPORTED naming the first
     */
    public static void noBatchOutputs(ModelConfigProto.ModelConfig config) {
        if (config.getBatchOutputCount() > 0) {
            throw new StatusException(
                    StatusCode.UNSUPPORTED,
                    "unable to load model '"
                            + config.getName()
                            + "', batch output kind '"
                            + config.getBatchOutput(0).getKind()
                            + "' is not supported");
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
