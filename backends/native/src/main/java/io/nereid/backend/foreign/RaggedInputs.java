package io.nereid.backend.foreign;

import io.nereid.backend.Batch;
import io.nereid.protocol.CopyMeter;
import io.nereid.protocol.DataType;
import io.nereid.protocol.Owned;
import io.nereid.protocol.Shape;
import io.nereid.protocol.Tensor;
import io.nereid.protocol.TensorAllocator;
import io.nereid.protocol.TensorBuffer;
import io.nereid.protocol.proto.ModelConfigProto.BatchInput;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/**
 * Inputs of requests whose shapes differ: joined to one row of elements, with further inputs that
 * tell the model where each request's part is (schedulers section 7).
 */
final class RaggedInputs {
    private RaggedInputs() {}

    /** The elements of one input of all requests, one after the other: {@code [elements]}. */
    static @Owned Tensor join(Batch batch, String name, TensorAllocator allocator) {
        Tensor first = input(batch, 0, name);
        if (batch.size() == 1) {
            return first.retain().withShape(Shape.of(first.shape().elementCount()));
        }
        long elements = 0;
        long byteSize = 0;
        for (int i = 0; i < batch.size(); i++) {
            Tensor part = input(batch, i, name);
            elements += part.shape().elementCount();
            byteSize += part.buffer().byteSize();
        }
        TensorBuffer buffer = allocator.allocate(byteSize);
        long offset = 0;
        for (int i = 0; i < batch.size(); i++) {
            MemorySegment part = input(batch, i, name).buffer().segment();
            MemorySegment.copy(part, 0, buffer.segment(), offset, part.byteSize());
            offset += part.byteSize();
        }
        allocator.copies().count(CopyMeter.Site.GATHER, byteSize);
        return new Tensor(name, first.type(), Shape.of(elements), buffer);
    }

    /** An input that is computed from the shapes of another in all requests. */
    static @Owned Tensor compute(Batch batch, BatchInput wanted, TensorAllocator allocator) {
        String source = wanted.getSourceInput(0);
        long[] counts = new long[batch.size()];
        for (int i = 0; i < counts.length; i++) {
            counts[i] = input(batch, i, source).shape().elementCount();
        }
        long[] values =
                switch (wanted.getKind()) {
                    case BATCH_ELEMENT_COUNT -> counts;
                    case BATCH_ACCUMULATED_ELEMENT_COUNT -> accumulated(counts, 0);
                    case BATCH_ACCUMULATED_ELEMENT_COUNT_WITH_ZERO -> accumulated(counts, 1);
                    // Only its extent says something.
                    case BATCH_MAX_ELEMENT_COUNT_AS_SHAPE ->
                            new long[(int) Arrays.stream(counts).max().orElse(0)];
                    case BATCH_ITEM_SHAPE, BATCH_ITEM_SHAPE_FLATTEN -> itemShapes(batch, source);
                    case UNRECOGNIZED ->
                            throw new IllegalStateException(
                                    "unknown batch input kind " + wanted.getKindValue());
                };
        Shape shape = Shape.of(values.length);
        if (wanted.getKind() == BatchInput.Kind.BATCH_ITEM_SHAPE) {
            long rank = input(batch, 0, source).shape().rank() - 1L;
            shape = Shape.of(rank == 0 ? 0 : values.length / rank, rank);
        }
        DataType type = DataType.ofConfig(wanted.getDataType());
        return new Tensor(wanted.getTargetName(0), type, shape, write(type, values, allocator));
    }

    private static long[] accumulated(long[] counts, int zeros) {
        long[] sums = new long[counts.length + zeros];
        long sum = 0;
        for (int i = 0; i < counts.length; i++) {
            sum += counts[i];
            sums[i + zeros] = sum;
        }
        return sums;
    }

    private static long[] itemShapes(Batch batch, String source) {
        long[] all = new long[0];
        for (int i = 0; i < batch.size(); i++) {
            Shape shape = input(batch, i, source).shape();
            long[] item = shape.withoutLeading().toArray();
            for (long row = 0; row < shape.dim(0); row++) {
                int end = all.length;
                all = Arrays.copyOf(all, end + item.length);
                System.arraycopy(item, 0, all, end, item.length);
            }
        }
        return all;
    }

    private static @Owned TensorBuffer write(
            DataType type, long[] values, TensorAllocator allocator) {
        TensorBuffer buffer = allocator.allocate((long) values.length * Integer.BYTES);
        for (int i = 0; i < values.length; i++) {
            if (type == DataType.FP32) {
                buffer.segment().setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) values[i]);
            } else {
                buffer.segment().setAtIndex(ValueLayout.JAVA_INT, i, (int) values[i]);
            }
        }
        return buffer;
    }

    private static Tensor input(Batch batch, int index, String name) {
        return batch.request(index)
                .input(name)
                .orElseThrow(() ->
                        new IllegalStateException("input '" + name + "' is not in every request"));
    }
}
