package io.nereid.server.main;

import io.nereid.backend.Backend;
import io.nereid.backend.Device;
import io.nereid.backend.ExecutionListener;
import io.nereid.backend.InstanceSpec;
import io.nereid.backend.Model;
import io.nereid.backend.ModelFiles;
import io.nereid.backend.ModelLease;
import io.nereid.backend.scheduler.DeadlineTimer;
import io.nereid.backend.scheduler.SchedulerContext;
import io.nereid.backend.scheduler.Schedulers;
import io.nereid.backend.scheduler.WarmUp;
import io.nereid.ensemble.EnsembleScheduler;
import io.nereid.protocol.ModelConfig;
import io.nereid.protocol.Owned;
import io.nereid.protocol.Scheduling;
import io.nereid.protocol.TensorAllocator;
import io.nereid.protocol.proto.ModelConfigProto;
import io.nereid.repository.ModelId;
import io.nereid.repository.ModelLoader;
import io.nereid.server.measures.MeasureSettings;
import io.nereid.server.measures.VersionMeasures;
import io.nereid.server.memory.ModelMemory;
import io.nereid.server.statistics.CountedModel;
import io.nereid.server.statistics.OpenVersion;
import io.nereid.server.statistics.OpenVersions;
import io.nereid.server.statistics.VersionCounters;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
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
    private final MeasureSettings measures;

    /**
     * @param members from {@linkplain ModelId identifier} and version to the model that is ready,
     *     held for ensembles
     * @param timer for requests that wait too long; stays the caller's
     * @param allocator where tensors of warm-ups come from; stays the caller's
     * @param memory opens engines within the memory budget; stays the caller's
     * @param versions told of versions that are opened and closed
     * @param measures what is measured of them
     */
    EngineModelLoader(
            BackendRegistry backends,
            BiFunction<String, OptionalLong, ModelLease> members,
            DeadlineTimer timer,
            TensorAllocator allocator,
            ModelMemory memory,
            OpenVersions versions,
            MeasureSettings measures) {
        this.backends = backends;
        this.members = members;
        this.timer = timer;
        this.allocator = allocator;
        this.memory = memory;
        this.versions = versions;
        this.measures = measures;
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
        OpenVersion version = new OpenVersion(namespace, config, files.version(), counters);
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
            return new CountedModel(
                    open(config, files, counters), counters, () -> versions.gone(version));
        }
        long start = System.nanoTime();
        ModelMemory.Opened opened =
                memory.open(config, files, () -> open(config, files, counters), counters::memory);
        version.opened(opened.model(), System.nanoTime() - start);
        return new CountedModel(
                opened.model(),
                counters,
                () -> {
                    versions.gone(version);
                    opened.afterClose().run();
                });
    }

    @Override
    public void replaceInstances(Model model, ModelConfig config) {
        model.instances().orElseThrow().replace(config, instances(config));
    }

    private @Owned Model open(ModelConfig config, ModelFiles files, ExecutionListener listener) {
        return switch (config.scheduling()) {
            case Scheduling.Ensemble _ ->
                    new EnsembleScheduler(
                            config,
                            files.version(),
                            membersOf(config.message().getEnsembleScheduling()),
                            listener,
                            System::nanoTime);
            case Scheduling.Direct _, Scheduling.DynamicBatching _, Scheduling.SequenceBatching _ ->
                    Schedulers.open(
                            config,
                            files.version(),
                            backends.backend(config.message().getBackend())
                                    .openModel(config, files),
                            instances(config),
                            new WarmUp(config, files.modelDirectory(), allocator, System::nanoTime),
                            new SchedulerContext(System::nanoTime, listener, timer));
        };
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

    /** One entry per instance that receives requests (model-config section 8.2). */
    static List<InstanceSpec> instances(ModelConfig config) {
        List<InstanceSpec> specs = new ArrayList<>();
        int total = 0;
        for (ModelConfigProto.ModelInstanceGroup group : config.message().getInstanceGroupList()) {
            total += group.getPassive() ? 0 : group.getCount() * Math.max(1, group.getGpusCount());
        }
        for (ModelConfigProto.ModelInstanceGroup group : config.message().getInstanceGroupList()) {
            if (group.getPassive()) {
                continue;
            }
            for (int i = 0; i < group.getCount(); i++) {
                for (Device device : devices(group)) {
                    specs.add(
                            new InstanceSpec(
                                    group.getName() + "_" + i,
                                    specs.size(),
                                    total,
                                    device,
                                    group.toBuilder().clearName().clearCount().build()));
                }
            }
        }
        return specs;
    }

    private static List<Device> devices(ModelConfigProto.ModelInstanceGroup group) {
        return switch (group.getKind()) {
            case KIND_GPU ->
                    group.getGpusList().stream()
                            .map(gpu -> new Device(Device.Kind.GPU, gpu))
                            .toList();
            case KIND_MODEL -> List.of(new Device(Device.Kind.MODEL, 0));
            case KIND_CPU, KIND_AUTO, UNRECOGNIZED -> List.of(Device.CPU);
        };
    }
}
