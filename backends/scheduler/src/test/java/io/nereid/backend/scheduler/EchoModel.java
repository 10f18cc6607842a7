package io.nereid.backend.scheduler;

import io.nereid.backend.BackendModel;
import io.nereid.backend.Device;
import io.nereid.backend.ExecutionListener;
import io.nereid.backend.InstanceSpec;
import io.nereid.backend.Model;
import io.nereid.backend.TestConfigs;
import io.nereid.backend.scheduler.data.ModelData;
import io.nereid.protocol.CopyMeter;
import io.nereid.protocol.ModelConfig;
import io.nereid.protocol.Owned;
import io.nereid.protocol.TensorAllocator;
import io.nereid.protocol.TensorBuffer;
import io.nereid.protocol.proto.ModelConfigProto.ModelInstanceGroup;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;

/** Configurations and instances of the models that these tests open. */
final class EchoModel {
    private EchoModel() {}

    /** A batching model with input {@code IN} and outputs {@code OUT} and {@code COPY}. */
    static ModelConfig config(String more) {
        return TestConfigs.parse(
                """
                name: "echo" backend: "fake" max_batch_size: 8
                input [ { name: "IN" data_type: TYPE_FP32 dims: [ 2 ] } ]
                output [ { name: "OUT" data_type: TYPE_FP32 dims: [ 2 ] },
                         { name: "COPY" data_type: TYPE_FP32 dims: [ 2 ] } ]
                """
                        + more);
    }

    /** A scheduler's surroundings; its timer is for models whose requests may wait for ever. */
    static SchedulerContext context(ExecutionListener listener) {
        return new SchedulerContext(
                System::nanoTime,
                listener,
                (nanos, event) -> {
                    throw new AssertionError("nothing was to expire");
                });
    }

    /** Opens a version without samples to warm up with. */
    static @Owned Model open(
            ModelConfig config,
            long version,
            @Owned BackendModel engine,
            int instances,
            ExecutionListener listener) {
        return Schedulers.open(
                config, version, engine, instances(instances), noData(), context(listener));
    }

    /** No samples to warm up with. */
    static ModelData noData() {
        return new ModelData(Path.of("nowhere"), new UnopenedAllocator());
    }

    private static final class UnopenedAllocator implements TensorAllocator {
        @Override
        public @Owned TensorBuffer allocate(long byteSize) {
            throw new AssertionError("no tensors were to be made");
        }

        @Override
        public CopyMeter copies() {
            throw new AssertionError("no tensors were to be copied");
        }
    }

    static List<InstanceSpec> instances(int count) {
        return IntStream.range(0, count)
                .mapToObj(i ->
                        new InstanceSpec(
                                "echo_" + i,
                                i,
                                count,
                                Device.CPU,
                                ModelInstanceGroup.getDefaultInstance()))
                .toList();
    }
}
