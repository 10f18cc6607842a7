package io.nereid.repository.store;

import io.nereid.protocol.Owned;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** The disk under a cache, as far as it can be full. */
interface CacheDisk {
    /** The file system that the cache lies on. */
    CacheDisk REAL =
            new CacheDisk() {
                @Override
                public long usableBytes(Path directory) throws IOException {
                    return Files.getFileStore(directory).getUsableSpace();
                }

                @Override
                public @Owned OutputStream append(Path file) throws IOException {
                    return Files.newOutputStream(
                            file, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
                }
            };

    /** Bytes that may yet be written. */
    long usableBytes(Path directory) throws IOException;

    /** Opens a file to write on after its end. */
    @Owned
    OutputStream append(Path file) throws IOException;
}
