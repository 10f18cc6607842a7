package io.nereid.protocol;

import io.nereid.protocol.proto.ModelConfigProto;
import java.util.Optional;

/**
 * An input or output of a model configuration, in typed form.
 *
 * @param name name at the API and in the model
 * @param type element type
 * @param dims extents at the API without batch dimension, {@link Shape#ANY} where variable
 * @param reshape extents in the model without batch dimension, where they differ
 * @param optional whether a request may leave the input out
 * @param ragged whether requests of different shapes may share a batch
 * @param labelFilename file with one label a line, relative to the model directory; may be empty
 */
public record TensorSpec(
        String name,
        DataType type,
        Shape dims,
        Optional<Shape> reshape,
        boolean optional,
        boolean ragged,
        String labelFilename) {

    static TensorSpec of(ModelConfigProto.ModelInput input) {
        return new TensorSpec(
                input.getName(),
                DataType.ofConfig(input.getDataType()),
                Shape.of(input.getDimsList()),
                input.hasReshape()
                        ? Optional.of(Shape.of(input.getReshape().getShapeList()))
                        : Optional.empty(),
                input.getOptional(),
                input.getAllowRaggedBatch(),
                "");
    }

    static TensorSpec of(ModelConfigProto.ModelOutput output) {
        return new TensorSpec(
                output.getName(),
                DataType.ofConfig(output.getDataType()),
                Shape.of(output.getDimsList()),
                output.hasReshape()
                        ? Optional.of(Shape.of(output.getReshape().getShapeList()))
                        : Optional.empty(),
                false,
                false,
                output.getLabelFilename());
    }

    /** Extents that the engine sees, without batch dimension. */
    public Shape modelDims() {
        return reshape.orElse(dims);
    }
}
