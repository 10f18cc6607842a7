package io.nereid.backend.foreign;

import io.nereid.backend.Batch;
import io.nereid.backend.BatchTensors;
import io.nereid.protocol.Tensor;
import io.nereid.protocol.TensorAllocator;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** What an engine reads from a batch: its inputs, gathered, and the outputs that are wanted. */
public final class BatchIo implements AutoCloseable {
    private final List<Tensor> inputs = new ArrayList<>();

    private BatchIo() {}

    /**
     * All inputs of a batch, in the order of its first request; the caller closes the result.
     *
     * @param allocator memory for batches of several requests
     */
    public static BatchIo open(Batch batch, TensorAllocator allocator) {
        BatchIo io = new BatchIo();
        boolean complete = false;
        try {
            for (Tensor input : batch.request(0).inputs()) {
                io.inputs.add(BatchTensors.gather(batch, input.name(), allocator));
            }
            complete = true;
            return io;
        } finally {
            if (!complete) {
                io.close();
            }
        }
    }

    /** Names of the outputs that at least one request asks for. */
    public static Set<String> wantedOutputs(Batch batch) {
        if (batch.size() == 1) {
            return batch.request(0).requestedOutputs();
        }
        Set<String> wanted = new LinkedHashSet<>();
        for (int i = 0; i < batch.size(); i++) {
            wanted.addAll(batch.request(i).requestedOutputs());
        }
        return wanted;
    }

    /** The inputs, borrowed. */
    public List<Tensor> inputs() {
        return inputs;
    }

    @Override
    public void close() {
        inputs.forEach(input -> input.buffer().close());
    }
}
