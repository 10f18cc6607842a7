package io.nereid.repository.store;

import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Brings one object into a part file: goes on where an earlier attempt ended, tries again when the
 * store breaks off, begins anew when what came is wrong. Used once, by a control thread; blocks.
 *
 * <p>A part file that is left behind holds the beginning of this very content, because its name
 * tells the ETag and the store is asked for nothing else.
 */
final class ObjectDownload {
    private static final int BUFFER = 1 << 16;

    /** Attempts at all, for each that may fail in a row. */
    private static final int ROUNDS = 4;

    private final ModelStore store;
    private final StoredObject object;
    private final String name;
    private final Path part;
    private final CacheDisk disk;
    private final Retries retries;
    private final StopSignal stop;

    /**
     * @param name of the object for people
     * @param part file to write
     */
    ObjectDownload(
            ModelStore store,
            StoredObject object,
            String name,
            Path part,
            CacheDisk disk,
            Retries retries,
            StopSignal stop) {
        this.store = store;
        this.object = object;
        this.name = name;
        this.part = part;
        this.disk = disk;
        this.retries = retries;
        this.stop = stop;
    }

    /**
     * Downloads; when it returns, the part file is whole and what the store says it is.
     *
     * @throws ObjectChangedException if the object is another one now, or gone; no part is left
     * @throws DiskException if the part cannot be written
     * @throws StatusException INTERNAL or NOT_FOUND with the object and the step that failed;
     *     UNAVAILABLE if the server stops
     */
    void run() throws ObjectChangedException, DiskException {
        int inARow = 0;
        for (int failed = 1; ; failed++) {
            long before = size();
            try {
                Optional<Checksum> checksum = append(before);
                verify(checksum);
                return;
            } catch (StoreException e) {
                inARow = size() > before ? 1 : inARow + 1;
                giveUpUnlessTransient(e, inARow, failed);
            }
            retries.waitAfter(inARow);
        }
    }

    private void giveUpUnlessTransient(StoreException e, int inARow, int failed)
            throws ObjectChangedException, DiskException {
        switch (e.kind()) {
            case CHANGED, NOT_FOUND -> {
                delete();
                throw new ObjectChangedException(text(e, failed), e);
            }
            case CREDENTIALS, PERMANENT ->
                    throw new StatusException(StatusCode.INTERNAL, text(e, failed), e);
            case TRANSIENT -> {
                if (inARow >= retries.attempts() || failed >= ROUNDS * retries.attempts()) {
                    throw new StatusException(StatusCode.INTERNAL, text(e, failed), e);
                }
            }
        }
    }

    private String text(StoreException e, int attempts) {
        return "failed to download '"
                + name
                + "' ("
                + (attempts == 1 ? "" : "attempt " + attempts + ", ")
                + size0()
                + " of "
                + object.size()
                + " bytes): "
                + e.text();
    }

    /** For messages, where a part that cannot be looked at counts as none. */
    private long size0() {
        return part.toFile().length();
    }

    private Optional<Checksum> append(long written) throws StoreException, DiskException {
        if (object.size() == 0) {
            delete();
            open().close();
            return Optional.empty();
        }
        long offset = written < object.size() ? written : 0;
        if (offset == 0) {
            delete();
        }
        try (ObjectContent content = store.open(object, offset);
                Part file = open()) {
            copy(content.bytes(), file, offset);
            return content.checksum();
        }
    }

    private void copy(InputStream bytes, Part file, long offset)
            throws StoreException, DiskException {
        byte[] buffer = new byte[BUFFER];
        long position = offset;
        for (int read = read(bytes, buffer, position);
                read >= 0;
                read = read(bytes, buffer, position)) {
            stop.check();
            position += read;
            if (position > object.size()) {
                break;
            }
            file.write(buffer, read);
        }
        if (position != object.size()) {
            throw broken(
                    position < object.size() ? "the answer ended early" : "more bytes than listed",
                    new IOException("at byte " + position));
        }
    }

    private static int read(InputStream bytes, byte[] buffer, long position) throws StoreException {
        try {
            return bytes.read(buffer);
        } catch (IOException e) {
            throw broken("reading failed at byte " + position + ": " + e, e);
        }
    }

    private static StoreException broken(String text, IOException cause) {
        return new StoreException(StoreException.Kind.TRANSIENT, text, cause);
    }

    /** What does not add up is thrown away, so that the next attempt begins anew. */
    private void verify(Optional<Checksum> expected) throws StoreException, DiskException {
        if (expected.isEmpty()) {
            return;
        }
        Checksum found;
        try {
            found = expected.get().of(part);
        } catch (IOException e) {
            throw new DiskException("reading " + part + " for its checksum", e);
        }
        if (!found.equals(expected.get())) {
            delete();
            throw broken(
                    "wrong checksum, expected " + expected.get() + ", found " + found,
                    new IOException("corrupt"));
        }
    }

    private long size() throws DiskException {
        try {
            return Files.exists(part) ? Files.size(part) : 0;
        } catch (IOException e) {
            throw new DiskException("looking at " + part, e);
        }
    }

    private void delete() throws DiskException {
        try {
            Files.deleteIfExists(part);
        } catch (IOException e) {
            throw new DiskException("deleting " + part, e);
        }
    }

    private Part open() throws DiskException {
        try {
            return new Part(disk.append(part));
        } catch (IOException e) {
            throw new DiskException("opening " + part, e);
        }
    }

    /** The part file while it is written: tells the disk's failures from the store's. */
    private record Part(OutputStream out) implements AutoCloseable {
        void write(byte[] bytes, int count) throws DiskException {
            try {
                out.write(bytes, 0, count);
            } catch (IOException e) {
                throw new DiskException("writing", e);
            }
        }

        @Override
        public void close() throws DiskException {
            try {
                out.close();
            } catch (IOException e) {
                throw new DiskException("closing", e);
            }
        }
    }
}
