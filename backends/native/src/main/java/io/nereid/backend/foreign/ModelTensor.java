package io.nereid.backend.foreign;

import io.nereid.protocol.DataType;
import io.nereid.protocol.Shape;
import java.util.Optional;

/**
 * An input or output as the model file declares it.
 *
 * @param name name by which the configuration calls it
 * @param type element type; {@link DataType#INVALID} if the protocol has none for it
 * @param shape all extents, {@link Shape#ANY} where variable; absent where even the rank is unknown
 */
public record ModelTensor(String name, DataType type, Optional<Shape> shape) {
    /** Whether the rank is known to be 0. */
    public boolean isScalar() {
        return shape.isPresent() && shape.get().rank() == 0;
    }
}
