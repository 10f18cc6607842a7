package io.nereid.repository;

import java.io.IOException;
import java.nio.file.FileVisitOption;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * When the parts of a model were last changed (repository section 11), in nanoseconds since 1970:
 * of each that of its content or its attributes, of a directory the latest of all that it holds.
 * What cannot be read counts as never changed.
 *
 * @param entries by name of the entry in the model's directory; the directory itself as {@code ""}
 * @param newest the time that later changes are compared with
 */
record ModelTimestamps(SortedMap<String, Long> entries, long newest) implements ModelRevision {
    private static final Logger log = LoggerFactory.getLogger(ModelTimestamps.class);

    /** Before everything: whatever is found later is newer. */
    static final ModelTimestamps NEVER = new ModelTimestamps(new TreeMap<>(), 0);

    private static final String DIRECTORY = "";

    ModelTimestamps {
        entries = Collections.unmodifiableSortedMap(new TreeMap<>(entries));
    }

    /** This moment, in nanoseconds since 1970. */
    static long now() {
        Instant now = Instant.now();
        return TimeUnit.SECONDS.toNanos(now.getEpochSecond()) + now.getNano();
    }

    /** Reads the times of a model. Blocks. */
    static ModelTimestamps of(ModelLocation.OnDisk location) {
        SortedMap<String, Long> entries = new TreeMap<>();
        if (location instanceof ModelLocation.Bare bare) {
            entries.put(bare.file(), newestIn(bare.directory().resolve(bare.file())));
            bare.config().ifPresent(config -> entries.put(Directories.name(config), time(config)));
        } else {
            entries.put(DIRECTORY, time(location.directory()));
            for (Path entry : Directories.entries(location.directory())) {
                entries.put(Directories.name(entry), newestIn(entry));
            }
        }
        return new ModelTimestamps(
                entries, max(entries.values().stream().mapToLong(Long::longValue)));
    }

    @Override
    public ModelTimestamps changedAt(long nanos) {
        return new ModelTimestamps(entries, nanos);
    }

    @Override
    public boolean isNewerThan(ModelRevision before) {
        return !(before instanceof ModelTimestamps times) || newest > times.newest;
    }

    @Override
    public boolean hasSameVersion(ModelRevision other, long version, String config) {
        return other instanceof ModelTimestamps times
                && ofVersion(version, config) == times.ofVersion(version, config);
    }

    /** When a version last changed. */
    private long ofVersion(long version, String config) {
        return max(
                entries.entrySet().stream()
                        .filter(entry -> ModelRevision.concerns(entry.getKey(), version, config))
                        .mapToLong(Map.Entry::getValue));
    }

    private static long max(LongStream times) {
        return times.max().orElse(0);
    }

    private static long newestIn(Path path) {
        Latest latest = new Latest();
        try {
            Files.walkFileTree(
                    path, EnumSet.of(FileVisitOption.FOLLOW_LINKS), Integer.MAX_VALUE, latest);
        } catch (IOException e) {
            warn(path, e);
        }
        return latest.nanos;
    }

    private static long time(Path path) {
        try {
            return changed(path);
        } catch (IOException e) {
            warn(path, e);
            return 0;
        }
    }

    /**
     * When a file's content or attributes changed last, in nanoseconds since 1970. The attributes'
     * time alone: whatever changes a file sets it, modification times that are set by hand
     * included, and no modification time in the future can hide what happens after it.
     *
     * @throws IOException if it cannot be read
     */
    static long changed(Path path) throws IOException {
        return ((FileTime) Files.getAttribute(path, "unix:ctime")).to(TimeUnit.NANOSECONDS);
    }

    private static void warn(Path path, IOException reason) {
        log.warn("Failed to determine modification time for '{}': {}", path, reason.toString());
    }

    /** The latest time of all that is visited. */
    private static final class Latest extends SimpleFileVisitor<Path> {
        private long nanos;

        @Override
        public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes) {
            nanos = Math.max(nanos, time(directory));
            return FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            nanos = Math.max(nanos, time(file));
            return FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult visitFileFailed(Path file, IOException reason) {
            warn(file, reason);
            return FileVisitResult.CONTINUE;
        }
    }
}
