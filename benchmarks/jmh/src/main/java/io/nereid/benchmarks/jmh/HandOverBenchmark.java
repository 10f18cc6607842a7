package io.nereid.benchmarks.jmh;

import io.nereid.backend.BackendModel;
import io.nereid.backend.Batch;
import io.nereid.backend.Device;
import io.nereid.backend.ExecutionListener;
import io.nereid.backend.InstanceSpec;
import io.nereid.backend.Model;
import io.nereid.backend.ModelInstance;
import io.nereid.backend.scheduler.SchedulerContext;
import io.nereid.backend.scheduler.Schedulers;
import io.nereid.backend.scheduler.TimerThread;
import io.nereid.backend.scheduler.data.ModelData;
import io.nereid.benchmarks.models.Requests;
import io.nereid.protocol.InferenceResponse;
import io.nereid.protocol.Owned;
import io.nereid.protocol.ResponseSender;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.proto.ModelConfigProto.ModelInstanceGroup;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Semaphore;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * From a thread through a scheduler to an instance that does nothing, and back: one request at a
 * time, and 64 at once. The two models differ in their scheduler, direct and dynamic.
 */
@State(Scope.Benchmark)
@SuppressWarnings("NullAway.Init")
public class HandOverBenchmark extends AverageTime {
    private static final int MANY = 64;

    @Param({"ADD_SUB_BINARY", "BATCHED_BINARY"})
    public Requests request;

    private final Semaphore answers = new Semaphore(0);
    private final ResponseSender sender = new Counting(answers);
    private Fixture fixture;
    private TimerThread timer;
    private Model model;

    @Setup
    public void open() throws IOException {
        fixture = Fixture.of(request);
        timer = new TimerThread();
        InstanceSpec instance =
                new InstanceSpec("idle", 0, 1, Device.CPU, ModelInstanceGroup.getDefaultInstance());
        model =
                Schedulers.open(
                        fixture.config(),
                        1,
                        new IdleModel(),
                        List.of(instance),
                        new ModelData(fixture.repository(), fixture.allocator()),
                        new SchedulerContext(System::nanoTime, ExecutionListener.NONE, timer));
    }

    @TearDown
    public void close() throws IOException {
        model.close();
        timer.close();
        fixture.close();
    }

    @Benchmark
    public void alone() throws InterruptedException {
        send();
        answers.acquire();
    }

    @Benchmark
    @OperationsPerInvocation(MANY)
    public void many() throws InterruptedException {
        for (int i = 0; i < MANY; i++) {
            send();
        }
        answers.acquire(MANY);
    }

    private void send() {
        model.infer(fixture.request(), sender);
    }

    /** Answers without outputs. */
    private static final class IdleModel implements BackendModel {
        @Override
        public ModelInstance openInstance(InstanceSpec spec) {
            return new ModelInstance() {
                @Override
                public void execute(Batch batch) {
                    for (int i = 0; i < batch.size(); i++) {
                        batch.respond(i, List.of(), Map.of(), true);
                    }
                }

                @Override
                public void close() {}
            };
        }

        @Override
        public void close() {}
    }

    private record Counting(Semaphore answers) implements ResponseSender {
        @Override
        public void send(@Owned InferenceResponse response, boolean last) {
            response.close();
            answers.release();
        }

        @Override
        public void complete() {
            answers.release();
        }

        @Override
        public void fail(StatusException status) {
            throw status;
        }
    }
}
