package io.nereid.server.memory;

import io.nereid.backend.ModelFiles;
import io.nereid.protocol.ModelConfig;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.stream.Stream;

/** How large a version's files are: the first guess at the memory that it takes. */
final class FileSizes {
    private FileSizes() {}

    /** Bytes of all files of a version; 0 if they cannot be read, which its engine will report. */
    static long of(ModelConfig config, ModelFiles files) {
        Path directory = files.versionDirectory();
        // A bare model file has neighbours that are not its own.
        Path counted =
                directory.equals(files.modelDirectory())
                        ? directory.resolve(config.message().getDefaultModelFilename())
                        : directory;
        if (!Files.exists(counted)) {
            return 0;
        }
        try (Stream<Path> found = Files.walk(counted, FileVisitOption.FOLLOW_LINKS)) {
            return found.mapToLong(FileSizes::size).sum();
        } catch (IOException | UncheckedIOException e) {
            return 0;
        }
    }

    private static long size(Path file) {
        try {
            BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
            return attributes.isRegularFile() ? attributes.size() : 0;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
