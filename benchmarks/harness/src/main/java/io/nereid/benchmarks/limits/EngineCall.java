package io.nereid.benchmarks.limits;

import io.nereid.backend.BackendEnvironment;
import io.nereid.backend.BackendModel;
import io.nereid.backend.Batch;
import io.nereid.backend.Device;
import io.nereid.backend.ExecutionListener;
import io.nereid.backend.InstanceSpec;
import io.nereid.backend.ModelFiles;
import io.nereid.backend.ModelInstance;
import io.nereid.backend.onnxruntime.OnnxRuntimeBackend;
import io.nereid.benchmarks.models.ModelConfigs;
import io.nereid.benchmarks.models.Requests;
import io.nereid.protocol.InferenceRequest;
import io.nereid.protocol.ModelConfig;
import io.nereid.protocol.Owned;
import io.nereid.protocol.SlabAllocator;
import io.nereid.protocol.Tensor;
import io.nereid.protocol.proto.ModelConfigProto;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/**
 * Executes a request on ONNX Runtime through the backend's instance, without server and scheduler.
 * Used by one thread.
 */
public final class EngineCall implements AutoCloseable {
    private static final long IDLE_BYTES = 64 << 20;

    private final SlabAllocator allocator = new SlabAllocator(IDLE_BYTES, false);
    private final OnnxRuntimeBackend backend = new OnnxRuntimeBackend();
    private final ModelConfig config;
    private final BackendModel model;
    private final ModelInstance instance;
    private final List<Tensor> inputs;

    private EngineCall(Path home, Path repository, Requests request) throws IOException {
        backend.open(
                new BackendEnvironment(
                        home.resolve("backends/onnxruntime"),
                        Map.of(),
                        allocator,
                        Runtime.getRuntime().availableProcessors()));
        Path directory = repository.resolve(request.model());
        config = ModelConfigs.read(repository, request.model());
        model = backend.openModel(config, new ModelFiles(directory, 1));
        instance =
                model.openInstance(
                        new InstanceSpec(
                                request.model(),
                                0,
                                1,
                                Device.CPU,
                                ModelConfigProto.ModelInstanceGroup.getDefaultInstance()));
        inputs = Tensors.of(request.inputs(), allocator);
    }

    /**
     * Loads the model that a request asks.
     *
     * @param home folder of the distribution
     */
    public static @Owned EngineCall open(Path home, Path repository, Requests request)
            throws IOException {
        return new EngineCall(home, repository, request);
    }

    /** Executes the request once and throws its answer away. */
    public void run() {
        try (InferenceRequest request = new InferenceRequest(config.name(), OptionalLong.empty())) {
            inputs.forEach(input -> request.addInput(input.retain()));
            config.validator().validate(request);
            request.enqueued(System.nanoTime());
            request.executing();
            Batch batch =
                    new Batch(
                            config,
                            1,
                            List.of(new Batch.Item(request, Discarding.SENDER)),
                            ExecutionListener.NONE,
                            System::nanoTime);
            instance.execute(batch);
            batch.returned();
        }
    }

    @Override
    public void close() {
        inputs.forEach(input -> input.buffer().close());
        instance.close();
        model.close();
        backend.close();
        allocator.close();
    }
}
