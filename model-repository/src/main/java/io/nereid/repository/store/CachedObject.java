package io.nereid.repository.store;

import java.nio.file.Path;

/** A file of a cache, which stays there until this is closed, once. Read only. Any thread. */
public final class CachedObject implements AutoCloseable {
    private final Path file;
    private final Runnable unpin;

    CachedObject(Path file, Runnable unpin) {
        this.file = file;
        this.unpin = unpin;
    }

    /** The bytes of the object. */
    public Path file() {
        return file;
    }

    @Override
    public void close() {
        unpin.run();
    }
}
