package io.nereid.load.client;

import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;

/**
 * A region of system shared memory: a file that exists and is registered until this is closed. May
 * be closed by any thread, more than once.
 */
public final class SharedRegion implements AutoCloseable {
    private static final Path FOLDER = Path.of("/dev/shm");

    private final ServerApi api;
    private final String name;
    private boolean open = true;

    private SharedRegion(ServerApi api, String name) {
        this.api = api;
        this.name = name;
    }

    /**
     * Writes parts one after the other and registers them as one region.
     *
     * @param api borrowed until this is closed
     * @param byteSize size of the region, at least that of all parts
     * @throws StatusException if the file cannot be written, or with the server's refusal
     */
    public static SharedRegion open(ServerApi api, String name, List<byte[]> parts, long byteSize) {
        SharedRegion region = new SharedRegion(api, name);
        boolean complete = false;
        try (FileChannel file =
                FileChannel.open(
                        region.file(), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            for (byte[] part : parts) {
                writeFully(file, ByteBuffer.wrap(part));
            }
            if (file.size() < byteSize) {
                file.position(byteSize - 1);
                writeFully(file, ByteBuffer.wrap(new byte[1]));
            }
            api.registerSharedMemory(name, "/" + name, byteSize);
            complete = true;
            return region;
        } catch (IOException e) {
            throw new StatusException(
                    StatusCode.UNAVAILABLE, "cannot write " + region.file() + ": " + e, e);
        } finally {
            if (!complete) {
                region.delete();
            }
        }
    }

    private static void writeFully(FileChannel file, ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            file.write(bytes);
        }
    }

    /** The name by which the server knows it. */
    public String name() {
        return name;
    }

    /**
     * Unregisters the region and deletes its file.
     *
     * @throws StatusException with the server's refusal; the file is gone all the same
     */
    @Override
    public synchronized void close() {
        if (open) {
            open = false;
            try {
                api.unregisterSharedMemory(name);
            } finally {
                delete();
            }
        }
    }

    private Path file() {
        return FOLDER.resolve(name);
    }

    private void delete() {
        try {
            Files.deleteIfExists(file());
        } catch (IOException e) {
            throw new StatusException(StatusCode.INTERNAL, "cannot delete " + file() + ": " + e, e);
        }
    }
}
