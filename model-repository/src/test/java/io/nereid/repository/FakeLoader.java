package io.nereid.repository;

import io.nereid.backend.Backend;
import io.nereid.backend.InstanceSpec;
import io.nereid.backend.Model;
import io.nereid.backend.ModelFiles;
import io.nereid.backend.ModelLease;
import io.nereid.protocol.InferenceRequest;
import io.nereid.protocol.ModelConfig;
import io.nereid.protocol.Owned;
import io.nereid.protocol.ResponseSender;
import io.nereid.protocol.Scheduling;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.proto.ModelConfigProto;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/**
 * A loader of models that answer with nothing. Remembers in which order models were loaded and
 * closed; a test gives hooks for single models, which may throw.
 */
final class FakeLoader implements ModelLoader {
    private static final ModelLease NOBODY =
            new ModelLease() {
                @Override
                public Model model() {
                    throw new IllegalStateException("nobody is held");
                }

                @Override
                public void close() {}
            };

    final List<String> loaded = new CopyOnWriteArrayList<>();
    final List<String> replaced = new CopyOnWriteArrayList<>();
    final List<String> closed = new CopyOnWriteArrayList<>();
    private final Map<String, ModelFiles> files = new ConcurrentHashMap<>();
    final AtomicInteger open = new AtomicInteger();

    /** Requests to closed models, and models closed twice. */
    final AtomicInteger misused = new AtomicInteger();

    private final Map<String, BiConsumer<ModelConfig, Long>> hooks = new ConcurrentHashMap<>();
    private final Map<String, Consumer<ModelConfig>> replaceHooks = new ConcurrentHashMap<>();
    private final Map<String, Runnable> closeHooks = new ConcurrentHashMap<>();
    private UnaryOperator<ModelConfigProto.ModelConfig> completion = UnaryOperator.identity();
    private BiFunction<String, OptionalLong, ModelLease> members = (_, _) -> NOBODY;

    /** Runs {@code hook} with configuration and version before the model is made. */
    FakeLoader onLoad(String model, BiConsumer<ModelConfig, Long> hook) {
        hooks.put(model, hook);
        return this;
    }

    /** Runs {@code hook} with the configuration before a model's instances are replaced. */
    FakeLoader onReplace(String model, Consumer<ModelConfig> hook) {
        replaceHooks.put(model, hook);
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

    /** Lets ensembles hold their members, as real ones do. */
    FakeLoader holding(BiFunction<String, OptionalLong, ModelLease> lookUp) {
        members = lookUp;
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
    public @Owned Model load(String namespace, ModelConfig config, ModelFiles modelFiles) {
        String label = config.name() + ":" + modelFiles.version();
        files.put(label, modelFiles);
        Optional.ofNullable(hooks.get(config.name()))
                .ifPresent(hook -> hook.accept(config, modelFiles.version()));
        loaded.add(label);
        open.incrementAndGet();
        return new FakeModel(config, modelFiles.version());
    }

    @Override
    public void replaceInstances(Model model, ModelConfig config) {
        Optional.ofNullable(replaceHooks.get(config.name())).ifPresent(hook -> hook.accept(config));
        model.instances().orElseThrow().replace(config, List.of());
        replaced.add(config.name() + ":" + model.version());
    }

    private final class FakeModel implements Model, Model.Instances {
        private volatile ModelConfig config;
        private final long version;
        private final AtomicInteger closes = new AtomicInteger();
        private final List<ModelLease> held = new ArrayList<>();

        FakeModel(ModelConfig config, long version) {
            this.config = config;
            this.version = version;
            if (config.scheduling() instanceof Scheduling.Ensemble ensemble) {
                ensemble.steps()
                        .forEach(step ->
                                held.add(members.apply(step.modelName(), step.modelVersion())));
            }
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
            if (closes.get() > 0) {
                misused.incrementAndGet();
            }
            request.close();
            sender.complete();
        }

        @Override
        public Optional<Instances> instances() {
            return Optional.of(this);
        }

        @Override
        public void replace(ModelConfig next, List<InstanceSpec> wanted) {
            config = next;
        }

        @Override
        public void close() {
            if (closes.incrementAndGet() > 1) {
                misused.incrementAndGet();
            }
            closed.add(config.name() + ":" + version);
            open.decrementAndGet();
            held.forEach(ModelLease::close);
            Optional.ofNullable(closeHooks.get(config.name())).ifPresent(Runnable::run);
        }
    }
}
