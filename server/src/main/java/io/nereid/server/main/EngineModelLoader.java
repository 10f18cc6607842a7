package io.nereid.server.main;

import io.nereid.backend.Backend;
import io.nereid.backend.ExecutionListener;
import io.nereid.backend.InstanceSpec;
import io.nereid.backend.Model;
import io.nereid.backend.ModelFiles;
import io.nereid.backend.ModelLease;
import io.nereid.backend.scheduler.DeadlineTimer;
import io.nereid.backend.scheduler.InstanceRules;
import io.nereid.backend.scheduler.SchedulerContext;
import io.nereid.backend.scheduler.Schedulers;
import io.nereid.backend.scheduler.data.ModelData;
import io.nereid.ensemble.EnsembleScheduler;
import io.nereid.protocol.ModelConfig;
import io.nereid.protocol.Owned;
import io.nereid.protocol.Scheduling;
import io.nereid.protocol.TensorAllocator;
import io.nereid.protocol.proto.ModelConfigProto;
import io.nereid.repository.ModelId;
import io.nereid.repository.ModelLoader;
import io.nereid.server.instances.InstanceSpecs;
import io.nereid.server.instances.ThreadPlan;
import io.nereid.server.measures.MeasureSettings;
import io.nereid.server.measures.VersionMeasures;
import io.nereid.server.memory.ModelMemory;
import io.nereid.server.netty.LoopTurns;
import io.nereid.server.statistics.CountedModel;
import io.nereid.server.statistics.OpenVersion;
import io.nereid.server.statistics.OpenVersions;
import io.nereid.server.statistics.VersionCounters;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.BiFunction;

/** Makes models of configurations: engines behind schedulers, or graphs of other models. */
final class EngineModelLoader implements ModelLoader {
    private final BackendRegistry backends;
    private final BiFunction<String, OptionalLong, ModelLease> members;
    private final DeadlineTimer timer;
    private final TensorAllocator allocator;
    private final ModelMemory memory;
    private final OpenVersions versions;
    private final InstanceRules rules;
    private final ThreadPlan plan;
    private final MeasureSettings measures;
    private final Optional<ResponseCaching> caching;

    /**
     * @param members from {@linkplain ModelId identifier} and version to the model that is ready,
     *     held for ensembles
     * @param timer for requests that wait too long; stays the caller's
     * @param allocator where tensors that models bring along come from; stays the caller's
     * @param memory opens engines within the memory budget; stays the caller's
     * @param versions told of versions that are opened and closed
     * @param rules what holds for the instances of all models
     * @param plan told how many threads models compute with
     * @param measures what is measured of them
     * @param caching keeps answers; stays the caller's
     */
    EngineModelLoader(
            BackendRegistry backends,
            BiFunction<String, OptionalLong, ModelLease> members,
            DeadlineTimer timer,
            TensorAllocator allocator,
            ModelMemory memory,
            OpenVersions versions,
            InstanceRules rules,
            ThreadPlan plan,
            MeasureSettings measures,
            Optional<ResponseCaching> caching) {
        this.backends = backends;
        this.members = members;
        this.timer = timer;
        this.allocator = allocator;
        this.memory = memory;
        this.versions = versions;
        this.rules = rules;
        this.plan = plan;
        this.measures = measures;
        this.caching = caching;
    }

    @Override
    public Backend backend(String name) {
        return backends.backend(name);
    }

    @Override
    public @Owned Model load(String namespace, ModelConfig config, ModelFiles files) {
        VersionCounters counters =
                new VersionCounters(
                        config.batches(),
                        System::currentTimeMillis,
                        VersionMeasures.of(measures, config));
        boolean cached = caching.isPresent() && ResponseCaching.isAskedFor(config);
        OpenVersion version = new OpenVersion(namespace, config, files.version(), counters, cached);
        versions.opening(version);
        boolean loaded = false;
        try {
            CountedModel model = counted(config, files, counters, version);
            versions.opened(version);
            loaded = true;
            return model;
        } finally {
            if (!loaded) {
                versions.gone(version);
            }
        }
    }

    private @Owned CountedModel counted(
            ModelConfig config, ModelFiles files, VersionCounters counters, OpenVersion version) {
        if (config.scheduling() instanceof Scheduling.Ensemble) {
            List<String> members = new ArrayList<>();
            Model ensemble = openEnsemble(config, files, counters, members);
            String identity = caching.map(cache -> cache.identity(config, members)).orElse("");
            return new CountedModel(
                    withCache(ensemble, identity, counters),
                    counters,
                    identity,
                    () -> versions.gone(version));
        }
        String identity = caching.map(cache -> cache.identity(config, files)).orElse("");
        long start = System.nanoTime();
        ModelMemory.Opened opened =
                memory.open(
                        config,
                        files,
                        () -> openInstances(config, files, counters),
                        counters::memory);
        version.opened(opened.model(), System.nanoTime() - start);
        return new CountedModel(
                withCache(opened.model(), identity, counters),
                counters,
                identity,
                () -> {
                    versions.gone(version);
                    opened.afterClose().run();
                });
    }

    private @Owned Model withCache(
            @Owned Model model, String identity, ExecutionListener listener) {
        return caching.filter(_ -> ResponseCaching.isAskedFor(model.config()))
                .map(cache -> cache.inFrontOf(model, identity, listener))
                .orElse(model);
    }

    @Override
    public void replaceInstances(Model model, ModelConfig config) {
        List<InstanceSpec> specs = InstanceSpecs.of(config);
        model.instances().orElseThrow().replace(config, specs);
        plan(config, model.version(), specs);
    }

    /**
     * @param identities filled with those of the models that the steps ask
     */
    private @Owned Model openEnsemble(
            ModelConfig config,
            ModelFiles files,
            ExecutionListener listener,
            List<String> identities) {
        BiFunction<String, OptionalLong, ModelLease> lookUp =
                membersOf(config.message().getEnsembleScheduling());
        return new EnsembleScheduler(
                config,
                files.version(),
                (name, version) -> {
                    ModelLease lease = lookUp.apply(name, version);
                    if (lease.model() instanceof CountedModel member) {
                        identities.add(member.identity());
                    }
                    return lease;
                },
                listener,
                System::nanoTime);
    }

    private @Owned Model openInstances(
            ModelConfig config, ModelFiles files, ExecutionListener listener) {
        List<InstanceSpec> specs = InstanceSpecs.of(config);
        Model model =
                Schedulers.open(
                        config,
                        files.version(),
                        backends.backend(config.message().getBackend()).openModel(config, files),
                        specs,
                        new ModelData(files.modelDirectory(), allocator),
                        new SchedulerContext(
                                System::nanoTime, listener, timer, rules, new LoopTurns()));
        boolean planned = false;
        try {
            plan(config, files.version(), specs);
            planned = true;
            return model;
        } finally {
            if (!planned) {
                model.close();
            }
        }
    }

    private void plan(ModelConfig config, long version, List<InstanceSpec> specs) {
        Backend backend = backends.backend(config.message().getBackend());
        plan.add(config.name(), version, specs, backend.threads(config));
    }

    /** The look-up by the names that an ensemble's steps have for models. */
    private BiFunction<String, OptionalLong, ModelLease> membersOf(
            ModelConfigProto.ModelEnsembling ensemble) {
        Map<String, String> ids = new HashMap<>();
        for (ModelConfigProto.ModelEnsembling.Step step : ensemble.getStepList()) {
            ids.put(step.getModelName(), ModelId.of(step.getModelNamespace(), step.getModelName()));
        }
        return (name, version) -> members.apply(ids.getOrDefault(name, name), version);
    }
}
