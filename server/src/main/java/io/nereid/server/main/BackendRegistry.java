package io.nereid.server.main;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.nereid.backend.Backend;
import io.nereid.backend.BackendEnvironment;
import io.nereid.protocol.Advice;
import io.nereid.protocol.InvalidConfigException;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.Suggestions;
import io.nereid.protocol.TensorAllocator;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The engines of a backend directory: each folder has a class loader of its own, so that engines'
 * dependencies cannot clash. An engine is opened when the first model asks for it. Called on:
 * control threads.
 */
final class BackendRegistry implements AutoCloseable {
    /** Setting that lets another engine serve a backend's models. */
    private static final String ENGINE = "engine";

    private record Found(Backend backend, Path directory) {}

    private final Map<String, Map<String, String>> settings;
    private final TensorAllocator allocator;
    private final int cores;
    private final ServiceFolders folders = new ServiceFolders();
    private final Map<String, Found> found = new HashMap<>();
    private final Object lock = new Object();

    @GuardedBy("lock")
    private final Map<String, Found> open = new TreeMap<>();

    BackendRegistry(
            Path directory,
            Map<String, Map<String, String>> settings,
            TensorAllocator allocator,
            int cores) {
        this.settings = settings;
        this.allocator = allocator;
        this.cores = cores;
        folders.find(Backend.class, directory)
                .forEach(backend ->
                        found.putIfAbsent(
                                backend.service().name(),
                                new Found(backend.service(), backend.folder())));
    }

    /**
     * The engine that serves a backend's models, opened.
     *
     * @throws StatusException INVALID_ARG if there is none (model-config section 9.7)
     */
    Backend backend(String name) {
        if (name.isEmpty()) {
            throw StatusException.invalidArgument("must specify 'backend'");
        }
        String engine = settingsOf(name).getOrDefault(ENGINE, name);
        Found backend = found.get(engine);
        if (backend == null) {
            throw new InvalidConfigException(
                    "backend",
                    "unable to find backend library for backend '"
                            + engine
                            + "', try specifying runtime on the model configuration.",
                    new Advice(
                            "one of " + String.join(", ", new TreeSet<>(found.keySet())),
                            engine,
                            Suggestions.rename(
                                    engine,
                                    found.keySet(),
                                    "use a model for one of these engines, or an installation"
                                            + " with engine "
                                            + engine)));
        }
        synchronized (lock) {
            if (!open.containsKey(engine)) {
                backend.backend()
                        .open(
                                new BackendEnvironment(
                                        backend.directory(), settingsOf(engine), allocator, cores));
                open.put(engine, backend);
            }
        }
        return backend.backend();
    }

    /** A line for each engine in use: name, folder, settings. */
    TextTable table() {
        TextTable table = new TextTable("Backend", "Path", "Config");
        synchronized (lock) {
            open.forEach((name, backend) ->
                    table.row(name, backend.directory().toString(), settingsOf(name).toString()));
        }
        return table;
    }

    @Override
    public void close() {
        synchronized (lock) {
            open.values().forEach(backend -> backend.backend().close());
            open.clear();
        }
        folders.close();
    }

    private Map<String, String> settingsOf(String backend) {
        Map<String, String> merged = new TreeMap<>(settings.getOrDefault("", Map.of()));
        merged.putAll(settings.getOrDefault(backend, Map.of()));
        return merged;
    }
}
