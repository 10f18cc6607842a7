package io.nereid.backend.djl;

import com.google.protobuf.TextFormat;
import io.nereid.backend.BackendEnvironment;
import io.nereid.backend.BackendModel;
import io.nereid.backend.Batch;
import io.nereid.backend.Device;
import io.nereid.backend.InstanceSpec;
import io.nereid.backend.ModelFiles;
import io.nereid.backend.ModelInstance;
import io.nereid.protocol.InferenceRequest;
import io.nereid.protocol.LeakCheckedAllocator;
import io.nereid.protocol.ModelConfig;
import io.nereid.protocol.Owned;
import io.nereid.protocol.RecordingSender;
import io.nereid.protocol.Tensor;
import io.nereid.protocol.proto.ModelConfigProto;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.stream.Stream;

/** An opened backend over the directory that the build made, and a repository of fixtures. */
final class DjlHarness implements AutoCloseable {
    static final InstanceSpec CPU = new InstanceSpec("m_0", 0, 1, Device.CPU);

    private static final Path FIXTURES = Path.of("src/test/resources/models");

    final DjlBackend backend = new DjlBackend();
    private final LeakCheckedAllocator allocator;
    private final Path repository;

    DjlHarness(LeakCheckedAllocator allocator, Path repository) {
        this.allocator = allocator;
        this.repository = repository;
        backend.open(
                new BackendEnvironment(
                        Path.of("target/backend").toAbsolutePath(), Map.of(), allocator, 2));
    }

    /** Puts a fixture into version 1 of the model {@code m}. */
    ModelFiles files(String fixture, String filename) {
        Path target = repository.resolve("m/1").resolve(filename);
        try (Stream<Path> parts = Files.walk(FIXTURES.resolve(fixture))) {
            for (Path part : parts.toList()) {
                Path to = target.resolve(FIXTURES.resolve(fixture).relativize(part).toString());
                Files.createDirectories(to.getParent());
                Files.copy(part, to.normalize());
            }
        } catch (IOException e) {
            throw new AssertionError("cannot copy " + fixture, e);
        }
        return new ModelFiles(repository.resolve("m"), 1);
    }

    /** The model {@code m}, configured by this text. */
    static ModelConfigProto.ModelConfig message(String text) {
        try {
            return TextFormat.parse("name: 'm' " + text, ModelConfigProto.ModelConfig.class);
        } catch (TextFormat.ParseException e) {
            throw new AssertionError("not a configuration: " + text, e);
        }
    }

    static ModelConfig config(String text) {
        return ModelConfig.of(message(text));
    }

    /** The parameter that chooses an engine. */
    static String engine(String name) {
        return " backend: 'djl' parameters { key: 'engine' value { string_value: '"
                + name
                + "' } } ";
    }

    /** Opens a model, runs one batch with a request per list of inputs, and closes it. */
    @SafeVarargs
    @SuppressWarnings("varargs")
    final List<RecordingSender> infer(
            ModelConfig config, ModelFiles files, @Owned List<Tensor>... requests) {
        try (BackendModel model = backend.openModel(config, files);
                ModelInstance instance = model.openInstance(CPU)) {
            return execute(config, instance, Arrays.asList(requests));
        }
    }

    /** Runs one batch as a scheduler does. The answers are the caller's. */
    static List<RecordingSender> execute(
            ModelConfig config, ModelInstance instance, @Owned List<List<Tensor>> requests) {
        List<Batch.Item> items = new ArrayList<>();
        List<RecordingSender> senders = new ArrayList<>();
        for (List<Tensor> inputs : requests) {
            InferenceRequest request = new InferenceRequest(config.name(), OptionalLong.empty());
            inputs.forEach(request::addInput);
            config.validator().validate(request);
            request.enqueued(0);
            request.executing();
            RecordingSender sender = new RecordingSender();
            senders.add(sender);
            items.add(new Batch.Item(request, sender));
        }
        try {
            instance.execute(new Batch(config, 1, items));
        } finally {
            items.forEach(item -> item.request().close());
        }
        return senders;
    }

    LeakCheckedAllocator allocator() {
        return allocator;
    }

    @Override
    public void close() {
        backend.close();
    }
}
