package io.nereid.repository;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * What a repository is told at start.
 *
 * @param paths repositories, directories or URLs of object stores; each may also be one model's
 *     directory, a directory also one model file
 * @param startup models to load at start
 * @param onRequest whether clients may load and unload models
 * @param autoComplete whether engines complete configurations, and a configuration may be absent
 * @param configName name of the configuration to prefer to {@code config.pbtxt}
 * @param loadThreads versions that are loaded at the same time, 1 or more
 * @param loadRetries how often a version that cannot be loaded is tried again, at once
 * @param gpus GPUs that models may use
 * @param namespacing whether models of different repositories may share a name (repository section
 *     14)
 * @param polling how repositories are watched; empty if they are not
 */
public record RepositoryOptions(
        List<String> paths,
        StartupModels startup,
        boolean onRequest,
        boolean autoComplete,
        Optional<String> configName,
        int loadThreads,
        int loadRetries,
        GpuInventory gpus,
        boolean namespacing,
        Optional<PollOptions> polling) {
    /** Versions that are loaded at the same time unless told otherwise. */
    public static final int DEFAULT_LOAD_THREADS = 4;

    /** Copies the list. */
    public RepositoryOptions {
        paths = List.copyOf(paths);
        if (loadThreads < 1) {
            throw new IllegalArgumentException("loadThreads is " + loadThreads);
        }
    }

    /** All models of these directories, everything else as by default. */
    public static RepositoryOptions of(List<Path> paths) {
        return new RepositoryOptions(
                paths.stream().map(Path::toString).toList(),
                new StartupModels.All(),
                false,
                true,
                Optional.empty(),
                DEFAULT_LOAD_THREADS,
                0,
                GpuInventory.NONE,
                false,
                Optional.empty());
    }
}
