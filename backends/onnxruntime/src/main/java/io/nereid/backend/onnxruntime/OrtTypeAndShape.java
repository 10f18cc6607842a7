package io.nereid.backend.onnxruntime;

import io.nereid.protocol.DataType;
import io.nereid.protocol.Shape;

/**
 * What the engine says of a tensor.
 *
 * @param type element type, {@link DataType#INVALID} if the protocol has none for it
 * @param shape extents, {@link Shape#ANY} where variable
 */
record OrtTypeAndShape(DataType type, Shape shape) {}
