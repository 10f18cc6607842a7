package io.nereid.server.sharedmemory;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * An open POSIX shared memory object. Its bytes are read and written through its file and never
 * mapped, because whoever shares it can take pages away at any moment, and touching a page that is
 * gone kills a thread where a read just ends early (docs/decisions/0001-shared-memory-by-copy.md).
 * The file lies in memory, so that no call waits for a disk.
 *
 * <p>May be used from any thread; calls after {@link #close} fail with an {@link IOException}.
 */
final class SharedObject implements AutoCloseable {
    /** Most bytes of one call to the operating system. */
    private static final long MAX_PIECE = 1L << 30;

    private final FileChannel file;

    private SharedObject(FileChannel file) {
        this.file = file;
    }

    /**
     * Opens an object that exists, for reading and writing.
     *
     * @param objects folder in which the operating system shows the objects
     * @param name name without leading slashes
     * @throws IOException if there is no such object or it may not be opened
     */
    static SharedObject open(Path objects, String name) throws IOException {
        if (name.indexOf('/') >= 0) {
            throw new IOException("name of a shared memory object with a slash: " + name);
        }
        Path path;
        try {
            path = objects.resolve(name);
        } catch (InvalidPathException e) {
            throw new IOException("no name for a shared memory object: " + name, e);
        }
        if (!Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS)) {
            throw new IOException("no shared memory object: " + path);
        }
        return new SharedObject(
                FileChannel.open(
                        path,
                        StandardOpenOption.READ,
                        StandardOpenOption.WRITE,
                        LinkOption.NOFOLLOW_LINKS));
    }

    /** Its size now, in bytes. */
    long byteSize() throws IOException {
        return file.size();
    }

    /**
     * Copies bytes out of the object.
     *
     * @return whether there were enough
     */
    boolean read(long offset, MemorySegment target) throws IOException {
        long at = 0;
        while (at < target.byteSize()) {
            int read = file.read(piece(target, at), offset + at);
            if (read <= 0) {
                return false;
            }
            at += read;
        }
        return true;
    }

    /**
     * Copies bytes into the object, which must not grow: what is not shared any more is not made
     * again.
     *
     * @return whether there was room
     */
    boolean write(long offset, MemorySegment source) throws IOException {
        if (file.size() < offset + source.byteSize()) {
            return false;
        }
        long at = 0;
        while (at < source.byteSize()) {
            at += file.write(piece(source, at), offset + at);
        }
        return true;
    }

    private static ByteBuffer piece(MemorySegment segment, long at) {
        return segment.asSlice(at, Math.min(MAX_PIECE, segment.byteSize() - at)).asByteBuffer();
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
