package io.nereid.backend.dali;

import io.nereid.backend.dali.pipeline.SampleResult;
import io.nereid.backend.dali.tensor.Sample;
import io.nereid.protocol.CopyMeter;
import io.nereid.protocol.ModelConfig;
import io.nereid.protocol.Owned;
import io.nereid.protocol.Shape;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.Tensor;
import io.nereid.protocol.TensorAllocator;
import io.nereid.protocol.TensorBuffer;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/** Writes the results of one request's samples into one native block per output. */
final class OutputBlocks {
    private final List<String> names;
    private final TensorAllocator allocator;
    private final Set<String> merged;

    /**
     * @param merged outputs whose outermost dimension becomes part of the batch dimension
     */
    OutputBlocks(ModelConfig config, TensorAllocator allocator, Set<String> merged) {
        this.names = List.copyOf(config.outputs().keySet());
        this.allocator = allocator;
        this.merged = merged;
    }

    CopyMeter copies() {
        return allocator.copies();
    }

    int count() {
        return names.size();
    }

    /**
     * The outputs of a request, in the pipeline's order.
     *
     * @param results its samples, all done
     * @throws StatusException if the samples of an output differ in shape or type, or there is no
     *     memory
     */
    @Owned
    List<Tensor> of(List<SampleResult.Done> results) {
        List<Tensor> tensors = new ArrayList<>(names.size());
        boolean complete = false;
        try {
            for (int o = 0; o < names.size(); o++) {
                int output = o;
                List<Sample> samples =
                        results.stream().map(done -> done.outputs().get(output)).toList();
                tensors.add(tensor(names.get(o), samples));
            }
            complete = true;
            return tensors;
        } finally {
            if (!complete) {
                tensors.forEach(tensor -> tensor.buffer().close());
            }
        }
    }

    private @Owned Tensor tensor(String name, List<Sample> samples) {
        Sample first = samples.getFirst();
        for (Sample sample : samples) {
            if (!sample.sameDims(first) || sample.type() != first.type()) {
                throw RequestSamples.error(
                        "DALI error: Samples of one request must have the same shape in output '"
                                + name
                                + "', got "
                                + first
                                + " and "
                                + sample
                                + ". Send images of different size in requests of their own or"
                                + " make the pipeline resize or pad them.");
            }
        }
        int bytes = first.data().length;
        TensorBuffer block = allocator.allocate((long) bytes * samples.size());
        MemorySegment target = block.segment();
        long offset = 0;
        for (Sample sample : samples) {
            MemorySegment.copy(sample.data(), 0, target, ValueLayout.JAVA_BYTE, offset, bytes);
            offset += bytes;
        }
        copies().count(CopyMeter.Site.ENGINE_OUTPUT, offset);
        return new Tensor(name, first.type().dataType(), shape(name, first, samples.size()), block);
    }

    private Shape shape(String name, Sample sample, int count) {
        long[] dims = Arrays.stream(sample.dims()).asLongStream().toArray();
        Shape shape = Shape.of(dims);
        if (merged.contains(name) && dims.length > 0) {
            return shape.withoutLeading().withLeading(count * dims[0]);
        }
        return shape.withLeading(count);
    }
}
