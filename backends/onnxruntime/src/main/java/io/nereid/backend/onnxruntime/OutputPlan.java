package io.nereid.backend.onnxruntime;

import io.nereid.protocol.DataType;
import io.nereid.protocol.Shape;
import io.nereid.protocol.Tensor;
import io.nereid.protocol.TensorAllocator;
import java.util.ArrayList;
import java.util.List;

/**
 * Where the outputs of a run are to lie in one block.
 *
 * @param tensors in the order in which they are asked for
 * @param byteSize size of the block
 */
record OutputPlan(List<Place> tensors, long byteSize) {
    /**
     * Where an output is to lie.
     *
     * @param offset in bytes, aligned as blocks are
     */
    record Place(DataType type, Shape shape, long offset) {
        long byteSize() {
            return shape.elementCount() * type.byteSize();
        }
    }

    /** A place for each of the outputs, all of types of fixed size. */
    static OutputPlan of(List<Tensor> outputs) {
        List<Place> places = new ArrayList<>(outputs.size());
        long end = 0;
        for (Tensor output : outputs) {
            Place place = new Place(output.type(), output.shape(), end);
            places.add(place);
            end = aligned(end + place.byteSize());
        }
        return new OutputPlan(places, end);
    }

    private static long aligned(long offset) {
        return Math.ceilDiv(offset, TensorAllocator.ALIGNMENT) * TensorAllocator.ALIGNMENT;
    }
}
