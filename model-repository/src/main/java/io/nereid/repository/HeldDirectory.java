package io.nereid.repository;

import io.nereid.protocol.Owned;
import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import io.nereid.repository.store.FileTrees;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A model's directory that was made for it and that only this user can read: of the files of a load
 * request, or of a store's objects. Counted by those that need it and deleted with the last of
 * them. Used by control threads.
 */
final class HeldDirectory implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(HeldDirectory.class);
    private static final String PREFIX = "folder";

    private final Path directory;
    private final Optional<String> origin;
    private final AtomicInteger holds = new AtomicInteger(1);

    // Written by the thread that made the directory, before others hear of it.
    private volatile Runnable afterwards = () -> {};

    private HeldDirectory(Path directory, Optional<String> origin) {
        this.directory = directory;
        this.origin = origin;
    }

    /**
     * An empty directory for the files of a load request.
     *
     * @throws StatusException INTERNAL if it cannot be made
     */
    static @Owned HeldDirectory forRequest() {
        try {
            return new HeldDirectory(
                    Files.createTempDirectory(PREFIX, forThisUser()).toRealPath(),
                    Optional.empty());
        } catch (IOException e) {
            throw failed(e);
        }
    }

    /**
     * An empty directory for files that lie elsewhere.
     *
     * @param parent where to make it
     * @param origin where they lie
     * @throws StatusException INTERNAL if it cannot be made
     */
    static @Owned HeldDirectory copyOf(String origin, Path parent) {
        try {
            return new HeldDirectory(
                    Files.createTempDirectory(parent, PREFIX, forThisUser()).toRealPath(),
                    Optional.of(origin));
        } catch (IOException e) {
            throw failed(e);
        }
    }

    private static FileAttribute<?> forThisUser() {
        return PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));
    }

    private static StatusException failed(IOException e) {
        return new StatusException(
                StatusCode.INTERNAL, "failed to create a temporary directory: " + e, e);
    }

    Path directory() {
        return directory;
    }

    /** Where its files lie in fact; empty if they came with a load request. */
    Optional<String> origin() {
        return origin;
    }

    /** Has something run once the directory has gone; in place of what was told before. */
    void whenGone(Runnable afterwards) {
        this.afterwards = afterwards;
    }

    /** Adds a hold, to be ended with {@link #close}; the caller knows of another one. */
    HeldDirectory retain() {
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
                FileTrees.delete(directory);
            } catch (IOException e) {
                log.error("failed to delete temporary directory {}", directory, e);
            }
            afterwards.run();
        }
    }
}
