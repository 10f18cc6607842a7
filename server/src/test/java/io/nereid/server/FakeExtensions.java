package io.nereid.server;

import io.nereid.backend.Model;
import io.nereid.protocol.FakeSharedMemory;
import io.nereid.protocol.SharedMemory;
import io.nereid.protocol.StatusException;
import io.nereid.repository.ModelControl;
import io.nereid.repository.ModelOverride;
import io.nereid.server.access.AccessLog;
import io.nereid.server.logging.LogControl;
import io.nereid.server.sharedmemory.SharedMemoryControl;
import io.nereid.server.statistics.ModelStatistics;
import io.nereid.server.statistics.ModelStatistics.Duration;
import io.nereid.server.trace.CallTracer;
import io.nereid.server.trace.TraceControl;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Extensions for tests of front ends: they write down what they are told, answer with fixed values,
 * and fail with {@link #failNext} when a test says so.
 */
public final class FakeExtensions {
    /** What was called, in order, such as {@code load add_sub}. */
    public final List<String> calls = new CopyOnWriteArrayList<>();

    /** What infer requests find in shared memory, whatever is registered. */
    public final FakeSharedMemory memory = new FakeSharedMemory();

    private volatile Optional<StatusException> next = Optional.empty();
    private volatile LogControl.Settings logSettings =
            new LogControl.Settings("", true, true, true, 0, "default");

    /** Everything a front end needs. */
    public ServerExtensions extensions() {
        return new ServerExtensions(
                new Control(),
                this::statistics,
                new Memory(),
                new Trace(),
                CallTracer.NONE,
                new Log(),
                AccessLog.NONE);
    }

    /** The next call fails so. */
    public void failNext(StatusException failure) {
        next = Optional.of(failure);
    }

    private void called(String call) {
        calls.add(call);
        Optional<StatusException> failure = next;
        next = Optional.empty();
        if (failure.isPresent()) {
            throw failure.get();
        }
    }

    private ModelStatistics statistics(Model model) {
        Duration none = new Duration(0, 0);
        return new ModelStatistics(
                model.config().name(),
                model.version(),
                1_700_000_000_000L,
                5,
                3,
                new ModelStatistics.Requests(
                        new Duration(4, 400),
                        none,
                        new Duration(4, 40),
                        none,
                        none,
                        none,
                        none,
                        none),
                new TreeMap<>(
                        Map.of(
                                0,
                                new ModelStatistics.Responses(
                                        none, none, new Duration(1, 10), none, none, none))),
                List.of(new ModelStatistics.Batches(2, none, new Duration(3, 300), none)),
                List.of(new ModelStatistics.Memory("CPU", 0, 1024)),
                List.of());
    }

    private final class Control implements ModelControl {
        @Override
        public void load(String model, ModelOverride override) {
            called("load " + model + " " + override.config() + " " + override.files().keySet());
        }

        @Override
        public void unload(String model, boolean withDependents) {
            called("unload " + model + " " + withDependents);
        }

        @Override
        public void awaitUnloaded(String model) {
            called("awaitUnloaded " + model);
        }

        @Override
        public void register(Path repository, Map<String, String> names) {
            called("register " + repository + " " + names);
        }

        @Override
        public void unregister(Path repository) {
            called("unregister " + repository);
        }
    }

    private final class Trace implements TraceControl {
        @Override
        public Map<String, List<String>> settings(Optional<String> model) {
            called("trace " + model);
            Map<String, List<String>> settings = new LinkedHashMap<>();
            settings.put("trace_level", List.of("OFF"));
            settings.put("trace_rate", List.of("1000"));
            settings.put("trace_count", List.of("-1"));
            settings.put("log_frequency", List.of("0"));
            settings.put("trace_file", List.of(""));
            settings.put("trace_mode", List.of("triton"));
            return settings;
        }

        @Override
        public void update(
                Optional<String> model, Map<String, List<String>> changes, Protocol protocol) {
            called("trace " + model + " " + changes + " " + protocol);
        }
    }

    private final class Log implements LogControl {
        @Override
        public Settings settings() {
            return logSettings;
        }

        @Override
        public void update(Settings settings) {
            called("log " + settings);
            logSettings = settings;
        }
    }

    private final class Memory implements SharedMemoryControl {
        private final List<SystemRegion> system = new ArrayList<>();

        @Override
        public SharedMemory.Window open(String region, long offset, long byteSize) {
            return memory.open(region, offset, byteSize);
        }

        @Override
        public void requireAllowed() {}

        @Override
        public void requireCuda(String name) {}

        @Override
        public void registerSystem(String name, String key, long offset, long byteSize) {
            called("registerSystem " + name + " " + key + " " + offset + " " + byteSize);
            system.add(new SystemRegion(name, key, offset, byteSize));
        }

        @Override
        public void registerCuda(String name, byte[] rawHandle, long deviceId, long byteSize) {
            called("registerCuda " + name + " " + rawHandle.length + " " + deviceId);
        }

        @Override
        public List<SystemRegion> systemStatus(Optional<String> name) {
            called("systemStatus " + name);
            return List.copyOf(system);
        }

        @Override
        public List<CudaRegion> cudaStatus(Optional<String> name) {
            called("cudaStatus " + name);
            return List.of();
        }

        @Override
        public void unregisterSystem(Optional<String> name) {
            called("unregisterSystem " + name);
            system.clear();
        }

        @Override
        public void unregisterCuda(Optional<String> name) {
            called("unregisterCuda " + name);
        }
    }
}
