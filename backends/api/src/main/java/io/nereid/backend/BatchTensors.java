package io.nereid.backend;

import io.nereid.protocol.CopyMeter;
import io.nereid.protocol.DataType;
import io.nereid.protocol.InferenceRequest;
import io.nereid.protocol.Owned;
import io.nereid.protocol.Parameter;
import io.nereid.protocol.Shape;
import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.Tensor;
import io.nereid.protocol.TensorAllocator;
import io.nereid.protocol.TensorBuffer;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Gather and scatter: several requests' tensors as one batch tensor, and back. A batch of one
 * request is handed over as it is; results of a larger batch are slices of the engine's outputs.
 */
public final class BatchTensors {
    private static final ValueLayout.OfInt LENGTH =
            ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private BatchTensors() {}

    /**
     * One input of all requests, concatenated along the batch dimension. Requests in one batch have
     * the same set of inputs and equal shapes but for the batch dimension.
     *
     * @return a tensor with a reference of its own
     * @throws StatusException INTERNAL if the shapes differ, as those of a ragged input may; an
     *     engine that takes such inputs reads each request's tensor itself
     */
    public static @Owned Tensor gather(Batch batch, String name, TensorAllocator allocator) {
        Tensor first = input(batch.request(0), name);
        if (batch.size() == 1) {
            return first.retain();
        }
        long rows = 0;
        long byteSize = 0;
        for (int i = 0; i < batch.size(); i++) {
            Tensor part = input(batch.request(i), name);
            requireSameItem(batch, first, part);
            rows += part.shape().dim(0);
            byteSize += part.buffer().byteSize();
        }
        TensorBuffer buffer = allocator.allocate(byteSize);
        MemorySegment target = buffer.segment();
        long offset = 0;
        for (int i = 0; i < batch.size(); i++) {
            MemorySegment part = input(batch.request(i), name).buffer().segment();
            MemorySegment.copy(part, 0, target, offset, part.byteSize());
            offset += part.byteSize();
        }
        allocator.copies().count(CopyMeter.Site.GATHER, byteSize);
        Shape shape = first.shape().withoutLeading().withLeading(rows);
        return new Tensor(name, first.type(), shape, buffer);
    }

    /**
     * Answers every request of a batch with its part of the engine's outputs, and leaves out what a
     * request did not ask for.
     *
     * @param outputs in the model's shapes, one reference each
     */
    public static void respond(
            Batch batch, @Owned List<Tensor> outputs, Map<String, Parameter> parameters) {
        try {
            if (batch.size() > 1) {
                checkBatchDimension(batch, outputs);
            }
            long[] offsets = new long[outputs.size()];
            for (int i = 0; i < batch.size(); i++) {
                batch.respond(i, partsFor(batch, i, outputs, offsets), parameters, true);
            }
        } finally {
            outputs.forEach(output -> output.buffer().close());
        }
    }

    private static @Owned List<Tensor> partsFor(
            Batch batch, int index, List<Tensor> outputs, long[] offsets) {
        InferenceRequest request = batch.request(index);
        List<Tensor> parts = new ArrayList<>(outputs.size());
        for (int o = 0; o < outputs.size(); o++) {
            Tensor output = outputs.get(o);
            boolean wanted = request.requestedOutputs().contains(output.name());
            if (batch.size() == 1) {
                if (wanted) {
                    parts.add(output.retain());
                }
                continue;
            }
            long rows = Math.max(1, request.batchSize());
            Shape shape = output.shape().withoutLeading().withLeading(rows);
            long byteSize = partSize(output, offsets[o], shape);
            if (wanted) {
                TensorBuffer part = output.buffer().slice(offsets[o], byteSize);
                parts.add(new Tensor(output.name(), output.type(), shape, part));
            }
            offsets[o] += byteSize;
        }
        return parts;
    }

    private static long partSize(Tensor output, long offset, Shape shape) {
        if (output.type() != DataType.BYTES) {
            return shape.elementCount() * output.type().byteSize();
        }
        MemorySegment bytes = output.buffer().segment();
        long end = offset;
        for (long left = shape.elementCount(); left > 0; left--) {
            end += Integer.BYTES + Integer.toUnsignedLong(bytes.get(LENGTH, end));
        }
        return end - offset;
    }

    private static void checkBatchDimension(Batch batch, List<Tensor> outputs) {
        for (Tensor output : outputs) {
            if (output.shape().rank() == 0 || output.shape().dim(0) != batch.batchSize()) {
                throw new StatusException(
                        StatusCode.INTERNAL,
                        "output '"
                                + output.name()
                                + "' of model '"
                                + batch.config().name()
                                + "' has shape "
                                + output.shape()
                                + ", expected batch dimension "
                                + batch.batchSize());
            }
        }
    }

    private static void requireSameItem(Batch batch, Tensor first, Tensor part) {
        if (!part.shape().withoutLeading().equals(first.shape().withoutLeading())) {
            throw new StatusException(
                    StatusCode.INTERNAL,
                    "input '"
                            + part.name()
                            + "' of model '"
                            + batch.config().name()
                            + "' has shapes "
                            + first.shape()
                            + " and "
                            + part.shape()
                            + " in one batch, which its backend cannot combine; set"
                            + " 'allow_ragged_batch' to false");
        }
    }

    private static Tensor input(InferenceRequest request, String name) {
        return request.input(name)
                .orElseThrow(() ->
                        new IllegalStateException(
                                "input '" + name + "' is not in every request of a batch"));
    }
}
