package io.nereid.load.data;

import io.nereid.protocol.DataType;
import io.nereid.protocol.Shape;

/**
 * An output of a model.
 *
 * @param dims extents without the batch dimension, {@link Shape#ANY} where they vary
 */
public record OutputSpec(String name, DataType type, Shape dims) {
    /**
     * Bytes of this output for a batch, or {@code otherwise} for each of the batch where they
     * cannot be known.
     */
    public long byteSize(int batch, long otherwise) {
        if (!type.hasFixedSize() || !dims.isFixed()) {
            return Math.multiplyExact(batch, otherwise);
        }
        return Math.multiplyExact(batch, dims.elementCount() * type.byteSize());
    }
}
