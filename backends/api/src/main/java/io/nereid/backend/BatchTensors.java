package io.nereid.backend;

import io.nereid.protocol.CopyMeter;
import io.nereid.protocol.DataType;
import io.nereid.protocol.InferenceRequest;
import io.nereid.protocol.ModelConfig;
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
import java.util.Optional;

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
     * request did not ask for. Outputs that are states go to the requests' sequences.
     *
     * @param outputs in the model's shapes, one reference each
     */
    public static void respond(
            Batch batch, @Owned List<Tensor> outputs, Map<String, Parameter> parameters) {
        try {
            outputs.forEach(output -> checkExtent(batch, output));
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
            Optional<String> source = batch.config().scatterSource(output.name());
            if (batch.size() == 1 && source.isEmpty()) {
                if (batch.stateOutputs().contains(output.name())) {
                    batch.updateState(index, output.retain());
                }
                if (wanted) {
                    parts.add(output.retain());
                }
                continue;
            }
            Shape shape =
                    source.isPresent()
                            ? scattered(batch, request, output.name(), source.get())
                            : output.shape()
                                    .withoutLeading()
                                    .withLeading(Math.max(1, request.batchSize()));
            long byteSize = partSize(output, offsets[o], shape);
            if (batch.stateOutputs().contains(output.name())) {
                batch.updateState(index, slice(output, shape, offsets[o], byteSize));
            }
            if (wanted) {
                parts.add(slice(output, shape, offsets[o], byteSize));
            }
            offsets[o] += byteSize;
        }
        return parts;
    }

    private static @Owned Tensor slice(Tensor output, Shape shape, long offset, long byteSize) {
        TensorBuffer part = output.buffer().slice(offset, byteSize);
        return new Tensor(output.name(), output.type(), shape, part);
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

    /** The output's dims, their variable ones taken from the source input (section 7). */
    private static Shape scattered(
            Batch batch, InferenceRequest request, String output, String source) {
        ModelConfig config = batch.config();
        long[] dims = config.output(output).orElseThrow().dims().toArray();
        Shape from = input(request, source).shape();
        Shape item = config.batches() ? from.withoutLeading() : from;
        for (int d = 0; d < dims.length; d++) {
            if (dims[d] == Shape.ANY) {
                dims[d] = d < item.rank() ? item.dim(d) : 1;
            }
        }
        Shape part = Shape.of(dims);
        return config.batches() ? part.withLeading(Math.max(1, request.batchSize())) : part;
    }

    /** Checks that there is a part of the output for every request, and nothing else. */
    private static void checkExtent(Batch batch, Tensor output) {
        Optional<String> source = batch.config().scatterSource(output.name());
        if (source.isPresent()) {
            checkScattered(batch, output, source.get());
        } else if (batch.size() > 1
                && (output.shape().rank() == 0 || output.shape().dim(0) != batch.batchSize())) {
            throw unfit(batch, output, "batch dimension " + batch.batchSize());
        }
    }

    private static void checkScattered(Batch batch, Tensor output, String source) {
        long elements = 0;
        for (int i = 0; i < batch.size(); i++) {
            elements += scattered(batch, batch.request(i), output.name(), source).elementCount();
        }
        if (output.shape().elementCount() != elements) {
            throw unfit(batch, output, elements + " elements, as input '" + source + "' says");
        }
    }

    private static StatusException unfit(Batch batch, Tensor output, String expected) {
        return new StatusException(
                StatusCode.INTERNAL,
                "output '"
                        + output.name()
                        + "' of model '"
                        + batch.config().name()
                        + "' has shape "
                        + output.shape()
                        + ", expected "
                        + expected);
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
