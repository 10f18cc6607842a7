package io.nereid.benchmarks.jmh;

import io.nereid.backend.Batch;
import io.nereid.backend.BatchTensors;
import io.nereid.backend.ExecutionListener;
import io.nereid.benchmarks.limits.Discarding;
import io.nereid.benchmarks.models.Requests;
import io.nereid.protocol.InferenceRequest;
import io.nereid.protocol.Tensor;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** Making one tensor of those of four requests, and answering the four from one tensor. */
@State(Scope.Thread)
@SuppressWarnings("NullAway.Init")
public class BatchBenchmark extends AverageTime {
    private static final int SIZE = 4;

    @Param({"BATCHED_BINARY", "IMAGE_BINARY"})
    public Requests request;

    private Fixture fixture;
    private List<InferenceRequest> requests;
    private String input;
    private List<Tensor> outputs;

    @Setup
    public void open() throws IOException {
        fixture = Fixture.of(request);
        requests = new ArrayList<>();
        for (int i = 0; i < SIZE; i++) {
            InferenceRequest next = fixture.request();
            next.enqueued(System.nanoTime());
            next.executing();
            requests.add(next);
        }
        input = request.inputs().getFirst().name();
        outputs =
                fixture.config().outputs().values().stream()
                        .map(spec ->
                                new Tensor(
                                        spec.name(),
                                        spec.type(),
                                        spec.dims().withLeading(SIZE),
                                        fixture.allocator()
                                                .allocate(
                                                        SIZE
                                                                * spec.dims().elementCount()
                                                                * spec.type().byteSize())))
                        .toList();
    }

    @TearDown
    public void close() throws IOException {
        outputs.forEach(output -> output.buffer().close());
        requests.forEach(InferenceRequest::close);
        fixture.close();
    }

    @Benchmark
    public long gather() {
        Tensor all = BatchTensors.gather(batch(), input, fixture.allocator());
        long size = all.buffer().byteSize();
        all.buffer().close();
        return size;
    }

    @Benchmark
    public Batch scatter() {
        Batch batch = batch();
        BatchTensors.respond(batch, outputs.stream().map(Tensor::retain).toList(), Map.of());
        batch.returned();
        return batch;
    }

    private Batch batch() {
        return new Batch(
                fixture.config(),
                1,
                requests.stream().map(item -> new Batch.Item(item, Discarding.SENDER)).toList(),
                ExecutionListener.NONE,
                System::nanoTime);
    }
}
