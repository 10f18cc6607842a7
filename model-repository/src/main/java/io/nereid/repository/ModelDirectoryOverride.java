package io.nereid.repository;

import io.nereid.protocol.Owned;
import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A model's directory made of the files of a load request (repository section 7.3): a temporary
 * directory that only this user can read, counted by those that need it and deleted with the last
 * of them. Used by control threads.
 */
final class ModelDirectoryOverride implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(ModelDirectoryOverride.class);

    private final Path directory;
    private final AtomicInteger holds = new AtomicInteger(1);

    private ModelDirectoryOverride(Path directory) {
        this.directory = directory;
    }

    /**
     * Writes the files.
     *
     * @param files contents by path relative to the directory
     * @throws StatusException INVALID_ARG if a path leads elsewhere or through a file, INTERNAL if
     *     a file cannot be written; nothing is left behind
     */
    static @Owned ModelDirectoryOverride write(Map<String, byte[]> files) {
        ModelDirectoryOverride made = new ModelDirectoryOverride(temporary());
        boolean complete = false;
        try {
            files.forEach(made::write);
            complete = true;
        } finally {
            if (!complete) {
                made.close();
            }
        }
        return made;
    }

    private static Path temporary() {
        try {
            return Files.createTempDirectory(
                            "folder",
                            PosixFilePermissions.asFileAttribute(
                                    PosixFilePermissions.fromString("rwx------")))
                    .toRealPath();
        } catch (IOException e) {
            throw new StatusException(
                    StatusCode.INTERNAL, "failed to create a temporary directory: " + e, e);
        }
    }

    private void write(String path, byte[] content) {
        Path file = inside(path);
        try {
            Files.createDirectories(file.getParent());
            Files.write(file, content);
        } catch (FileAlreadyExistsException e) {
            throw asFile(path);
        } catch (IOException e) {
            throw new StatusException(
                    StatusCode.INTERNAL,
                    "failed to write file parameter 'file:" + path + "': " + e,
                    e);
        }
    }

    /** The directory is empty at first and holds no links, so that normal paths are real ones. */
    private Path inside(String path) {
        Path file;
        try {
            file = directory.resolve(path).normalize();
        } catch (InvalidPathException e) {
            throw outside(path, path);
        }
        if (!file.startsWith(directory) || file.equals(directory)) {
            throw outside(path, file.toString());
        }
        if (Files.isDirectory(file)) {
            throw asFile(path);
        }
        return file;
    }

    private static StatusException outside(String path, String normalized) {
        return StatusException.invalidArgument(
                "Invalid file parameter 'file:"
                        + path
                        + "' with normalized path '"
                        + normalized
                        + "' must stay within model directory.");
    }

    private static StatusException asFile(String path) {
        return StatusException.invalidArgument(
                "Invalid file parameter 'file:" + path + "', directory has been created as a file");
    }

    Path directory() {
        return directory;
    }

    /** Adds a hold, to be ended with {@link #close}; the caller knows of another one. */
    ModelDirectoryOverride retain() {
        if (holds.getAndIncrement() <= 0) {
            throw new IllegalStateException(directory + " has been deleted");
        }
        return this;
    }

    /** Ends a hold; the last one deletes the directory, which is logged if it fails. */
    @Override
    public void close() {
        if (holds.decrementAndGet() == 0) {
            try {
                Files.walkFileTree(directory, new Deleting());
            } catch (IOException e) {
                log.error("failed to delete temporary directory {}", directory, e);
            }
        }
    }

    private static final class Deleting extends SimpleFileVisitor<Path> {
        @Override
        public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
                throws IOException {
            Files.delete(file);
            return FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult postVisitDirectory(Path visited, @Nullable IOException failure)
                throws IOException {
            if (failure != null) {
                throw failure;
            }
            Files.delete(visited);
            return FileVisitResult.CONTINUE;
        }
    }
}
