package io.nereid.repository;

import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Reads directories. */
final class Directories {
    private Directories() {}

    /**
     * Names of the sub-directories, sorted; links to directories count.
     *
     * @throws StatusException INTERNAL if the directory cannot be read
     */
    static List<String> subdirectories(Path directory) {
        List<String> names = new ArrayList<>();
        try (DirectoryStream<Path> entries =
                Files.newDirectoryStream(directory, Files::isDirectory)) {
            for (Path entry : entries) {
                names.add(name(entry));
            }
        } catch (IOException | DirectoryIteratorException e) {
            throw new StatusException(
                    StatusCode.INTERNAL, "failed to open directory " + directory + ": " + e, e);
        }
        Collections.sort(names);
        return names;
    }

    /** Last part of a path; of {@code .} and the like, that of the place it means. */
    static String name(Path path) {
        Path name = path.toAbsolutePath().normalize().getFileName();
        return name == null ? "" : name.toString();
    }
}
