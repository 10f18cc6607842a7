package io.nereid.repository;

import io.nereid.repository.store.StoredObject;
import java.io.IOException;
import java.nio.file.FileVisitOption;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * How the files of a model look at one moment. Two equal states some time apart mean that nobody is
 * writing; what lies between two unequal ones can be told in words.
 *
 * @param files by path relative to the model's directory, with {@code /}; directories end in it
 */
record DirectoryState(SortedMap<String, FileState> files) {
    private static final int NAMED_CHANGES = 4;

    /**
     * A file or directory.
     *
     * @param size bytes, 0 for directories, -1 for what cannot be read
     * @param changed when it changed last, in nanoseconds since 1970
     * @param content what tells its content from others, where that is known; else empty
     */
    record FileState(long size, long changed, String content) {
        static final FileState UNREADABLE = new FileState(-1, 0);

        /** A file of a disk, whose content is not known. */
        FileState(long size, long changed) {
            this(size, changed, "");
        }

        static FileState of(StoredObject object) {
            Instant written = object.lastModified();
            return new FileState(
                    object.size(),
                    TimeUnit.SECONDS.toNanos(written.getEpochSecond()) + written.getNano(),
                    object.etag());
        }

        /** What is known to hold the same is the same, whenever it was written. */
        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof FileState state
                    && size == state.size
                    && content.equals(state.content)
                    && (!content.isEmpty() || changed == state.changed);
        }

        @Override
        public int hashCode() {
            return Objects.hash(size, content);
        }
    }

    DirectoryState {
        files = Collections.unmodifiableSortedMap(new TreeMap<>(files));
    }

    /** Looks at a model's files. Blocks; what cannot be read is part of the state. */
    static DirectoryState of(ModelLocation location) {
        return switch (location) {
            case ModelLocation.OnDisk here -> of(here);
            case ModelLocation.Remote remote -> of(remote.model());
        };
    }

    private static DirectoryState of(RemoteModel model) {
        SortedMap<String, FileState> files = new TreeMap<>();
        model.objects().forEach((path, object) -> files.put(path, FileState.of(object)));
        return new DirectoryState(files);
    }

    private static DirectoryState of(ModelLocation.OnDisk location) {
        Look look = new Look(location.directory());
        if (location instanceof ModelLocation.Bare bare) {
            look.at(bare.directory().resolve(bare.file()));
            bare.config().ifPresent(look::at);
        } else {
            look.at(location.directory());
        }
        return new DirectoryState(look.files);
    }

    /** When something changed last, in nanoseconds since 1970. */
    long newest() {
        return files.values().stream().mapToLong(FileState::changed).max().orElse(0);
    }

    /** Whether a file of that name lies in the directory and nothing but it is newer. */
    boolean isMarkedBy(String marker) {
        FileState mark = files.get(marker);
        if (mark == null) {
            return false;
        }
        // Making the marker changes the directory as well.
        return files.entrySet().stream()
                .filter(file -> !file.getKey().equals("/"))
                .allMatch(file -> file.getValue().changed() <= mark.changed());
    }

    /** Says what is different from an earlier state, a few files by name. */
    String differenceTo(DirectoryState before) {
        List<String> differences = new ArrayList<>();
        TreeSet<String> names = new TreeSet<>(files.keySet());
        names.addAll(before.files.keySet());
        for (String name : names) {
            FileState then = before.files.get(name);
            FileState now = files.get(name);
            // A directory changes with what it holds, which is said by itself.
            if (then == null) {
                differences.add("added " + name);
            } else if (now == null) {
                differences.add("removed " + name);
            } else if (!name.endsWith("/") && !now.equals(then)) {
                differences.add("changed " + name);
            }
        }
        if (differences.isEmpty()) {
            return "times of directories";
        }
        if (differences.size() <= NAMED_CHANGES) {
            return String.join(", ", differences);
        }
        return String.join(", ", differences.subList(0, NAMED_CHANGES))
                + " and "
                + (differences.size() - NAMED_CHANGES)
                + " more";
    }

    private static final class Look extends SimpleFileVisitor<Path> {
        private final Path root;
        private final SortedMap<String, FileState> files = new TreeMap<>();

        Look(Path root) {
            this.root = root;
        }

        void at(Path path) {
            try {
                Files.walkFileTree(
                        path, EnumSet.of(FileVisitOption.FOLLOW_LINKS), Integer.MAX_VALUE, this);
            } catch (IOException e) {
                files.put(name(path), FileState.UNREADABLE);
            }
        }

        private String name(Path path) {
            return root.relativize(path).toString();
        }

        @Override
        public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes) {
            files.put(name(directory) + "/", state(directory, 0));
            return FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            files.put(name(file), state(file, attributes.size()));
            return FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult visitFileFailed(Path file, IOException reason) {
            files.put(name(file), FileState.UNREADABLE);
            return FileVisitResult.CONTINUE;
        }

        private static FileState state(Path path, long size) {
            try {
                return new FileState(size, ModelTimestamps.changed(path));
            } catch (IOException e) {
                return FileState.UNREADABLE;
            }
        }
    }
}
