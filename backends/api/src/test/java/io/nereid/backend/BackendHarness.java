package io.nereid.backend;

import com.google.protobuf.TextFormat;
import io.nereid.protocol.InferenceRequest;
import io.nereid.protocol.ModelConfig;
import io.nereid.protocol.Owned;
import io.nereid.protocol.RecordingSender;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.Tensor;
import io.nereid.protocol.proto.ModelConfigProto;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.Stream;

/** Lays out model directories and executes batches as a scheduler does; for tests of engines. */
public final class BackendHarness {
    private BackendHarness() {}

    /**
     * A model laid out on disk.
     *
     * @param config its configuration, not completed
     * @param files where version 1 lies
     */
    public record Fixture(ModelConfigProto.ModelConfig config, ModelFiles files) {
        /** The same files under a configuration with these fields in addition. */
        public Fixture with(String text) {
            ModelConfigProto.ModelConfig.Builder builder = config.toBuilder();
            merge(text, builder);
            return new Fixture(builder.build(), files);
        }

        /** The same files under this configuration; name, platform and backend stay. */
        public Fixture configured(String text) {
            ModelConfigProto.ModelConfig.Builder builder =
                    ModelConfigProto.ModelConfig.newBuilder()
                            .setName(config.getName())
                            .setPlatform(config.getPlatform())
                            .setBackend(config.getBackend());
            merge(text, builder);
            return new Fixture(builder.build(), files);
        }

        /** The configuration as a repository hands it on, checked. */
        public ModelConfig checkedConfig() {
            ModelConfigProto.ModelConfig.Builder builder = config.toBuilder();
            if (!builder.hasVersionPolicy()) {
                builder.getVersionPolicyBuilder().getLatestBuilder().setNumVersions(1);
            }
            return ModelConfig.of(builder.build());
        }
    }

    /**
     * Copies a model file or directory to {@code root/name/1/target}.
     *
     * @param source file or directory
     * @param config configuration in text format, without a name
     */
    public static Fixture place(Path root, String name, Path source, String target, String config) {
        ModelFiles files = new ModelFiles(root.resolve(name), 1);
        copy(source, files.modelFile(target));
        ModelConfigProto.ModelConfig.Builder builder =
                ModelConfigProto.ModelConfig.newBuilder().setName(name);
        merge(config, builder);
        return new Fixture(builder.build(), files);
    }

    /** A validated request with these inputs, which asks for these outputs, or for all. */
    public static @Owned InferenceRequest request(
            ModelConfig config, @Owned List<Tensor> inputs, String... outputs) {
        InferenceRequest request = new InferenceRequest(config.name(), OptionalLong.empty());
        inputs.forEach(request::addInput);
        for (String output : outputs) {
            request.addRequestedOutput(output);
        }
        config.validator().validate(request);
        request.enqueued(0);
        request.executing();
        return request;
    }

    /**
     * Executes requests as one batch and closes them; a failure goes to those without an answer.
     *
     * @return a sender for each request, which the caller closes
     */
    public static List<RecordingSender> execute(
            ModelInstance instance, ModelConfig config, @Owned List<InferenceRequest> requests) {
        List<RecordingSender> senders = new ArrayList<>();
        List<Batch.Item> items = new ArrayList<>();
        for (InferenceRequest request : requests) {
            RecordingSender sender = new RecordingSender();
            senders.add(sender);
            items.add(new Batch.Item(request, sender));
        }
        Batch batch = new Batch(config, 1, items, ExecutionListener.NONE, System::nanoTime);
        try {
            instance.execute(batch);
        } catch (StatusException e) {
            batch.failRest(e);
        } finally {
            requests.forEach(InferenceRequest::close);
        }
        batch.returned();
        return senders;
    }

    private static void merge(String text, ModelConfigProto.ModelConfig.Builder builder) {
        try {
            TextFormat.merge(text, builder);
        } catch (TextFormat.ParseException e) {
            throw new AssertionError("the test's configuration is wrong: " + text, e);
        }
    }

    private static void copy(Path source, Path target) {
        try (Stream<Path> paths = Files.walk(source)) {
            for (Path path : paths.toList()) {
                Path copy = target.resolve(source.relativize(path).toString());
                if (path.equals(source)) {
                    copy = target;
                }
                if (Files.isDirectory(path)) {
                    Files.createDirectories(copy);
                } else {
                    Files.createDirectories(copy.getParent());
                    Files.copy(path, copy, StandardCopyOption.REPLACE_EXISTING);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
