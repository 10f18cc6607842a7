package io.nereid.repository;

import io.nereid.protocol.Owned;
import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Map;

/** Makes a model's directory of the files of a load request (repository section 7.3). */
final class OverrideFiles {
    private final Path directory;

    private OverrideFiles(Path directory) {
        this.directory = directory;
    }

    /**
     * Writes the files.
     *
     * @param files contents by path relative to the directory
     * @throws StatusException INVALID_ARG if a path leads elsewhere or through a file, INTERNAL if
     *     a file cannot be written; nothing is left behind
     */
    static @Owned HeldDirectory write(Map<String, byte[]> files) {
        HeldDirectory made = HeldDirectory.forRequest();
        boolean complete = false;
        try {
            files.forEach(new OverrideFiles(made.directory())::write);
            complete = true;
        } finally {
            if (!complete) {
                made.close();
            }
        }
        return made;
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
}
