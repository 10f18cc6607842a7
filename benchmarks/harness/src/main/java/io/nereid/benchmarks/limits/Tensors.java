package io.nereid.benchmarks.limits;

import io.nereid.benchmarks.models.Input;
import io.nereid.protocol.Owned;
import io.nereid.protocol.Tensor;
import io.nereid.protocol.TensorAllocator;
import io.nereid.protocol.TensorBuffer;
import java.util.List;

/** Inputs in native memory. */
public final class Tensors {
    private Tensors() {}

    /** One tensor for each input, with its values. */
    public static @Owned List<Tensor> of(List<Input> inputs, TensorAllocator allocator) {
        return inputs.stream().map(input -> of(input, allocator)).toList();
    }

    private static @Owned Tensor of(Input input, TensorAllocator allocator) {
        TensorBuffer buffer = allocator.allocate(input.values().size());
        buffer.segment().asByteBuffer().put(input.values().asReadOnlyByteBuffer());
        return new Tensor(input.name(), input.type(), input.shape(), buffer);
    }
}
