package io.nereid.backend.djl;

import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.ServiceLoader;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Starts engines, each in a class loader of its own.
 *
 * <p>Started engines are kept for the life of the process, the one piece of static state here: a
 * JNI library belongs to the class loader that loaded it first and is never unloaded, so a second
 * class loader for the same engine could not start it again. May be used from any thread.
 */
final class EngineLoader {
    private static final Logger log = LoggerFactory.getLogger(EngineLoader.class);
    private static final ConcurrentMap<Path, DjlEngine> STARTED = new ConcurrentHashMap<>();

    private static final String COMMON = "common";

    private final Path engines;
    private final EngineSettings settings;

    /**
     * @param engines folder with one sub-folder per engine and the sub-folder {@code common}
     */
    EngineLoader(Path engines, EngineSettings settings) {
        this.engines = engines;
        this.settings = settings;
    }

    /**
     * The engine of that profile, started.
     *
     * @throws StatusException INVALID_ARG if there is none of that name, INTERNAL if it does not
     *     start
     */
    DjlEngine engine(String modelName, EngineProfile profile) {
        Path folder = engines.resolve(profile.folder());
        if (profile.folder().equals(COMMON) || !available().contains(profile.folder())) {
            throw StatusException.invalidArgument(
                    "unable to load model '"
                            + modelName
                            + "', DJL has no engine '"
                            + profile.name()
                            + "'; available engines are: "
                            + availableNames());
        }
        try {
            return STARTED.computeIfAbsent(
                    folder.toAbsolutePath().normalize(), path -> start(path, profile));
        } catch (LinkageError | RuntimeException e) {
            throw new StatusException(
                    StatusCode.INTERNAL,
                    "unable to load model '"
                            + modelName
                            + "', DJL's engine "
                            + profile.name()
                            + " does not start: "
                            + Causes.text(e),
                    e);
        }
    }

    private DjlEngine start(Path folder, EngineProfile profile) {
        Path common = folder.resolveSibling(COMMON);
        settings.apply(folder, common);
        long begin = System.nanoTime();
        EngineClassLoader classes =
                EngineClassLoader.over(
                        List.of(common, folder), EngineLoader.class.getClassLoader());
        Thread thread = Thread.currentThread();
        ClassLoader before = thread.getContextClassLoader();
        thread.setContextClassLoader(classes);
        try {
            DjlEngine engine =
                    ServiceLoader.load(DjlEngine.class, classes)
                            .findFirst()
                            .orElseThrow(
                                    () -> new IllegalStateException("no engine code in " + common));
            engine.start(profile.name());
            log.info(
                    "started DJL engine {} in {} ms",
                    profile.name(),
                    (System.nanoTime() - begin) / 1_000_000);
            return engine;
        } catch (LinkageError | RuntimeException e) {
            close(classes, e);
            throw e;
        } finally {
            thread.setContextClassLoader(before);
        }
    }

    private static void close(EngineClassLoader classes, Throwable reason) {
        try {
            classes.close();
        } catch (IOException e) {
            reason.addSuppressed(e);
        }
    }

    private String availableNames() {
        String names =
                available().stream()
                        .map(folder -> EngineProfile.of(folder).name())
                        .collect(Collectors.joining(", "));
        return names.isEmpty() ? "none" : names;
    }

    private List<String> available() {
        if (!Files.isDirectory(engines)) {
            return List.of();
        }
        try (Stream<Path> folders = Files.list(engines)) {
            return folders.filter(Files::isDirectory)
                    .map(folder -> folder.getFileName().toString())
                    .filter(name -> !name.equals(COMMON))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new StatusException(
                    StatusCode.INTERNAL, "cannot read the folder of DJL's engines: " + e, e);
        }
    }
}
