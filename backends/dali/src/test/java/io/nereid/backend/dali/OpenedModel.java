package io.nereid.backend.dali;

import io.nereid.backend.BackendEnvironment;
import io.nereid.backend.BackendHarness;
import io.nereid.backend.BackendModel;
import io.nereid.backend.Device;
import io.nereid.backend.InstanceSpec;
import io.nereid.backend.ModelInstance;
import io.nereid.protocol.InferenceRequest;
import io.nereid.protocol.ModelConfig;
import io.nereid.protocol.Owned;
import io.nereid.protocol.RecordingSender;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.Tensor;
import io.nereid.protocol.TensorAllocator;
import io.nereid.protocol.proto.ModelConfigProto.ModelInstanceGroup;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A model laid out on disk, opened in a backend of its own, with one instance. */
final class OpenedModel implements AutoCloseable {
    private final DaliBackend backend;
    private final ModelConfig config;
    private final BackendModel model;
    private final Instance first;

    private OpenedModel(DaliBackend backend, ModelConfig config, BackendModel model) {
        this.backend = backend;
        this.config = config;
        this.model = model;
        this.first = openInstance();
    }

    static OpenedModel of(Path root, TensorAllocator allocator, String fixture, String config) {
        return of(root, allocator, Npy.resource(fixture), config);
    }

    static OpenedModel of(Path root, TensorAllocator allocator, byte[] file, String config) {
        BackendHarness.Fixture fixture = place(root, file, config);
        DaliBackend backend = backend(root, allocator);
        try {
            ModelConfig checked = fixture.checkedConfig();
            return new OpenedModel(backend, checked, backend.openModel(checked, fixture.files()));
        } catch (StatusException e) {
            backend.close();
            throw e;
        }
    }

    /** Lays a model out. */
    static BackendHarness.Fixture place(Path root, byte[] file, String config) {
        try {
            Path source = Files.write(root.resolve("source.dali"), file);
            return BackendHarness.place(root, "pipeline", source, "model.dali", config);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A backend that is open. */
    static DaliBackend backend(Path root, TensorAllocator allocator) {
        DaliBackend backend = new DaliBackend(Map.of());
        backend.open(new BackendEnvironment(root, Map.of(), allocator, 3));
        return backend;
    }

    RecordingSender ask(@Owned Tensor input, String... outputs) {
        return first.ask(input, outputs);
    }

    RecordingSender ask(@Owned List<Tensor> inputs) {
        return first.execute(List.of(BackendHarness.request(config, inputs))).getFirst();
    }

    /** Executes one request for each input as one batch. */
    List<RecordingSender> askTogether(@Owned Tensor... inputs) {
        List<InferenceRequest> requests = new ArrayList<>();
        for (Tensor input : inputs) {
            requests.add(BackendHarness.request(config, List.of(input)));
        }
        return first.execute(requests);
    }

    Instance openInstance() {
        Device gpu = new Device(Device.Kind.GPU, 0);
        return new Instance(
                config,
                model.openInstance(
                        new InstanceSpec(
                                "group_0", 0, 1, gpu, ModelInstanceGroup.getDefaultInstance())));
    }

    @Override
    public void close() {
        first.close();
        model.close();
        backend.close();
    }

    /** One executable copy, asked for on a GPU: any device is as good as another. */
    record Instance(ModelConfig config, ModelInstance instance) implements AutoCloseable {
        RecordingSender ask(@Owned Tensor input, String... outputs) {
            return execute(List.of(BackendHarness.request(config, List.of(input), outputs)))
                    .getFirst();
        }

        List<RecordingSender> execute(@Owned List<InferenceRequest> requests) {
            return BackendHarness.execute(instance, config, requests);
        }

        @Override
        public void close() {
            instance.close();
        }
    }
}
