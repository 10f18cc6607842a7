package io.nereid.repository.store;

import io.nereid.protocol.Owned;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A folder that one server has for itself while it runs: the first of {@code 0}, {@code 1}, ...
 * that no other server holds, so that a server that starts again finds its own. The system gives
 * the lock back however the process ends.
 */
final class LockedDirectory implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(LockedDirectory.class);
    private static final int MOST = 256;

    private final Path path;
    private final FileChannel lock;

    private LockedDirectory(Path path, FileChannel lock) {
        this.path = path;
        this.lock = lock;
    }

    /**
     * Takes a folder.
     *
     * @param parent made if it is not there
     * @throws IOException if none can be made or had
     */
    static @Owned LockedDirectory in(Path parent) throws IOException {
        for (int number = 0; number < MOST; number++) {
            Path path = Files.createDirectories(parent.resolve(Integer.toString(number)));
            FileChannel channel =
                    FileChannel.open(
                            path.resolve("lock"),
                            StandardOpenOption.CREATE,
                            StandardOpenOption.WRITE);
            if (isOurs(channel)) {
                return new LockedDirectory(path.toRealPath(), channel);
            }
            channel.close();
        }
        throw new IOException("other servers use all " + MOST + " folders of " + parent);
    }

    private static boolean isOurs(FileChannel channel) throws IOException {
        try {
            return channel.tryLock() != null;
        } catch (OverlappingFileLockException ofThisProcess) {
            return false;
        }
    }

    Path path() {
        return path;
    }

    /** A sub-folder, made if it is not there. */
    Path folder(String name) throws IOException {
        return Files.createDirectories(path.resolve(name));
    }

    /** Leaves the folder to the next server. */
    @Override
    public void close() {
        try {
            lock.close();
        } catch (IOException e) {
            log.warn("failed to give up {}", path, e);
        }
    }
}
