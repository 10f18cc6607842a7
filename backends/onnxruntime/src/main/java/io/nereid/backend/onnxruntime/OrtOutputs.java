package io.nereid.backend.onnxruntime;

import io.nereid.backend.foreign.Scratch;
import io.nereid.protocol.DataType;
import io.nereid.protocol.Owned;
import io.nereid.protocol.Shape;
import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.Tensor;
import io.nereid.protocol.TensorAllocator;
import io.nereid.protocol.TensorBuffer;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Turns the values of a run into tensors. Numbers stay in the engine's memory, which is given back
 * with the tensor's last reference, also after the session was closed. Strings are copied. Used by
 * one thread at a time.
 */
final class OrtOutputs {
    private final OrtValues values;
    private final TensorAllocator allocator;
    private final Scratch scratch;
    private boolean handedThrough;

    OrtOutputs(OrtValues values, TensorAllocator allocator, Scratch scratch) {
        this.values = values;
        this.allocator = allocator;
        this.scratch = scratch;
    }

    /**
     * Outputs of a run.
     *
     * @param tensors as the graph shapes them; one that the graph did not produce is missing
     * @param handedThrough whether one of them lies in an input's memory
     */
    record Taken(@Owned List<Tensor> tensors, boolean handedThrough) {}

    /**
     * Makes tensors of the values of a run.
     *
     * @param model its name, for what is said of a failure
     * @param results values in the order of {@code names}, released by this method or with the
     *     tensors
     * @param inputs what the run read, borrowed
     */
    Taken take(
            String model, List<String> names, @Owned MemorySegment results, List<Tensor> inputs) {
        List<Tensor> outputs = new ArrayList<>(names.size());
        handedThrough = false;
        int taken = 0;
        try {
            for (String name : names) {
                MemorySegment value = results.getAtIndex(ValueLayout.ADDRESS, taken);
                taken++;
                // An optional output that the graph did not produce has no value.
                if (!value.equals(MemorySegment.NULL)) {
                    outputs.add(tensor(model, name, value, inputs));
                }
            }
            List<Tensor> complete = List.copyOf(outputs);
            outputs.clear();
            return new Taken(complete, handedThrough);
        } finally {
            outputs.forEach(output -> output.buffer().close());
            for (int i = taken; i < names.size(); i++) {
                MemorySegment value = results.getAtIndex(ValueLayout.ADDRESS, i);
                if (!value.equals(MemorySegment.NULL)) {
                    values.release(value);
                }
            }
        }
    }

    private Tensor tensor(
            String model, String name, @Owned MemorySegment value, List<Tensor> inputs) {
        boolean handedOn = false;
        try {
            OrtTypeAndShape description = values.describe(value, scratch);
            DataType type = description.type();
            Shape shape = description.shape();
            if (type == DataType.BYTES) {
                long count = shape.elementCount();
                return new Tensor(
                        name, type, shape, values.copyStrings(value, count, allocator, scratch));
            }
            if (!type.hasFixedSize()) {
                throw new StatusException(
                        StatusCode.INTERNAL,
                        "output '"
                                + name
                                + "' of model '"
                                + model
                                + "' has an element type that cannot be sent");
            }
            long byteSize = shape.elementCount() * type.byteSize();
            TensorBuffer buffer = wrap(value, values.data(value, byteSize, scratch), inputs);
            handedOn = true;
            return new Tensor(name, type, shape, buffer);
        } finally {
            if (!handedOn) {
                values.release(value);
            }
        }
    }

    /** A graph may hand an input through: then the request's memory is kept open as well. */
    private @Owned TensorBuffer wrap(
            @Owned MemorySegment value, MemorySegment data, List<Tensor> inputs) {
        Optional<TensorBuffer> shared = holder(inputs, data.address());
        if (shared.isEmpty()) {
            return TensorBuffer.wrap(data, () -> values.release(value));
        }
        handedThrough = true;
        TensorBuffer kept = shared.get().retain();
        return TensorBuffer.wrap(
                data,
                () -> {
                    values.release(value);
                    kept.close();
                });
    }

    private static Optional<TensorBuffer> holder(List<Tensor> inputs, long address) {
        for (Tensor input : inputs) {
            if (contains(input.buffer().segment(), address)) {
                return Optional.of(input.buffer());
            }
        }
        return Optional.empty();
    }

    private static boolean contains(MemorySegment block, long address) {
        return address >= block.address() && address < block.address() + block.byteSize();
    }
}
