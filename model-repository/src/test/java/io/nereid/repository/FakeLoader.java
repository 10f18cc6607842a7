package io.nereid.repository;

import io.nereid.backend.Backend;
import io.nereid.backend.Model;
import io.nereid.backend.ModelFiles;
import io.nereid.protocol.InferenceRequest;
import io.nereid.protocol.ModelConfig;
import io.nereid.protocol.Owned;
import io.nereid.protocol.ResponseSender;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.proto.ModelConfigProto;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;
import java.util.function.UnaryOperator;

/**
 * A loader of models that do nothing. Remembers in which order models were loaded and closed; a
 * test gives hooks for single models, which may throw.
 */
final class FakeLoader implements ModelLoader {
    final List<String> loaded = new CopyOnWriteArrayList<>();
    final List<String> closed = new CopyOnWriteArrayList<>();
    private final Map<String, ModelFiles> files = new ConcurrentHashMap<>();
    final AtomicInteger open = new AtomicInteger();
    private final Map<String, BiConsumer<ModelConfig, Long>> hooks = new ConcurrentHashMap<>();
    private final Map<String, Runnable> closeHooks = new ConcurrentHashMap<>();
    private UnaryOperator<ModelConfigProto.ModelConfig> completion = UnaryOperator.identity();

    /** Runs {@code hook} with configuration and version before the model is made. */
    FakeLoader onLoad(String model, BiConsumer<ModelConfig, Long> hook) {
        hooks.put(model, hook);
        return this;
    }

    /** Runs {@code hook} when a version of the model is closed. */
    FakeLoader onClose(String model, Runnable hook) {
        closeHooks.put(model, hook);
        return this;
    }

    /** Lets all engines complete configurations so. */
    FakeLoader completing(UnaryOperator<ModelConfigProto.ModelConfig> completion) {
        this.completion = completion;
        return this;
    }

    /** Files that a version was loaded from. */
    ModelFiles files(String version) {
        return Optional.ofNullable(files.get(version)).orElseThrow();
    }

    @Override
    public Backend backend(String name) {
        if (name.equals("nosuchbackend")) {
            throw StatusException.invalidArgument(
                    "unable to find backend library for backend '"
                            + name
                            + "', try specifying runtime on the model configuration.");
        }
        return new FakeBackend(name, completion);
    }

    @Override
    public @Owned Model load(ModelConfig config, ModelFiles modelFiles) {
        Optional.ofNullable(hooks.get(config.name()))
                .ifPresent(hook -> hook.accept(config, modelFiles.version()));
        String label = config.name() + ":" + modelFiles.version();
        loaded.add(label);
        files.put(label, modelFiles);
        open.incrementAndGet();
        return new FakeModel(config, modelFiles.version());
    }

    private final class FakeModel implements Model {
        private final ModelConfig config;
        private final long version;

        FakeModel(ModelConfig config, long version) {
            this.config = config;
            this.version = version;
        }

        @Override
        public ModelConfig config() {
            return config;
        }

        @Override
        public long version() {
            return version;
        }

        @Override
        public void infer(@Owned InferenceRequest request, ResponseSender sender) {
            request.close();
            sender.fail(StatusException.invalidArgument("a fake model answers nothing"));
        }

        @Override
        public void close() {
            closed.add(config.name() + ":" + version);
            open.decrementAndGet();
            Optional.ofNullable(closeHooks.get(config.name())).ifPresent(Runnable::run);
        }
    }
}
