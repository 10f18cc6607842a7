package io.nereid.protocol;

import java.util.Collection;

/**
 * A named tensor, borrowed from the request or response that owns it.
 *
 * @param name name in the model's configuration
 * @param type element type
 * @param shape extents, outermost first, with the batch dimension where the model batches
 * @param buffer the bytes, one reference
 */
public record Tensor(String name, DataType type, Shape shape, TensorBuffer buffer) {
    /** Bytes of tensors in all. */
    public static long byteSize(Collection<Tensor> tensors) {
        long size = 0;
        for (Tensor tensor : tensors) {
            size += tensor.buffer().byteSize();
        }
        return size;
    }

    /** The same bytes under another name; the reference is the same one. */
    public Tensor withName(String newName) {
        return new Tensor(newName, type, shape, buffer);
    }

    /** The same bytes under another shape; the reference is the same one. */
    public Tensor withShape(Shape newShape) {
        return new Tensor(name, type, newShape, buffer);
    }

    /** The same tensor with a reference of its own. */
    public @Owned Tensor retain() {
        return new Tensor(name, type, shape, buffer.retain());
    }
}
