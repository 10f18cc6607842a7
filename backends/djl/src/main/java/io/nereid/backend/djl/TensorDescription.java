package io.nereid.backend.djl;

import io.nereid.protocol.DataType;
import io.nereid.protocol.Shape;
import java.util.Optional;

/**
 * What an engine tells about an input or output of a model.
 *
 * @param name name in the model
 * @param type element type, if the engine tells; {@link DataType#INVALID} for a type that no client
 *     can send
 * @param shape extents with {@link Shape#ANY} where variable, if the engine tells
 */
public record TensorDescription(String name, Optional<DataType> type, Optional<Shape> shape) {
    /** A tensor of which only the name is known. */
    public static TensorDescription ofName(String name) {
        return new TensorDescription(name, Optional.empty(), Optional.empty());
    }
}
