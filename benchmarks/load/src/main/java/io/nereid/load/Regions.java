package io.nereid.load;

import io.nereid.load.client.RequestInput;
import io.nereid.load.client.RequestOutput;
import io.nereid.load.client.ServerApi;
import io.nereid.load.client.SharedPlace;
import io.nereid.load.client.SharedRegion;
import io.nereid.load.data.ModelShape;
import io.nereid.load.data.OutputSpec;
import io.nereid.load.data.TensorValue;
import io.nereid.protocol.StatusException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Inputs and outputs of all requests in system shared memory: one region for each. Requests under
 * way at the same time write their outputs to the same place, as with perf_analyzer. May be closed
 * by any thread, more than once.
 */
final class Regions implements AutoCloseable {
    /** Offsets that every engine can read from in place. */
    private static final int ALIGNMENT = 64;

    private final ServerApi api;
    private final String name;
    private final List<SharedRegion> regions = new ArrayList<>();

    /**
     * Regions that are named after this process.
     *
     * @param api borrowed until this is closed
     */
    Regions(ServerApi api) {
        this.api = api;
        this.name = "nereid_bench_" + ProcessHandle.current().pid();
    }

    /** Puts the inputs of requests into a region. */
    synchronized List<List<RequestInput>> place(List<List<TensorValue>> requests) {
        String region = name + "_in";
        List<byte[]> parts = new ArrayList<>();
        List<List<RequestInput>> placed = new ArrayList<>();
        long end = 0;
        for (List<TensorValue> request : requests) {
            List<RequestInput> inputs = new ArrayList<>();
            for (TensorValue value : request) {
                long size = value.bytes().length;
                inputs.add(
                        new RequestInput(value, Optional.of(new SharedPlace(region, end, size))));
                parts.add(value.bytes());
                int gap = (int) (aligned(size) - size);
                parts.add(new byte[gap]);
                end += size + gap;
            }
            placed.add(inputs);
        }
        open(region, parts, end);
        return placed;
    }

    /** Makes room for the outputs of a model. */
    synchronized List<RequestOutput> outputs(ModelShape model, int batch, long unknownSize) {
        String region = name + "_out";
        List<RequestOutput> outputs = new ArrayList<>();
        long end = 0;
        for (OutputSpec output : model.outputs()) {
            long size = output.byteSize(batch, unknownSize);
            outputs.add(new RequestOutput(output.name(), new SharedPlace(region, end, size)));
            end += aligned(size);
        }
        open(region, List.of(), end);
        return outputs;
    }

    private void open(String region, List<byte[]> parts, long byteSize) {
        if (byteSize == 0) {
            throw StatusException.invalidArgument(
                    "there is nothing to put into shared memory region " + region);
        }
        regions.add(SharedRegion.open(api, region, parts, byteSize));
    }

    private static long aligned(long size) {
        return Math.ceilDiv(size, (long) ALIGNMENT) * ALIGNMENT;
    }

    @Override
    public synchronized void close() {
        regions.forEach(SharedRegion::close);
    }
}
