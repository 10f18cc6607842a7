package io.nereid.load.data;

import io.nereid.protocol.DataType;
import io.nereid.protocol.Shape;

/**
 * An input of a model.
 *
 * @param dims extents without the batch dimension, {@link Shape#ANY} where the model takes any
 * @param batched whether requests put a batch dimension in front of {@code dims}
 * @param optional whether a request may leave it out
 */
public record InputSpec(
        String name, DataType type, Shape dims, boolean batched, boolean optional) {}
