package io.nereid.repository;

import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Reads directories. */
final class Directories {
    /** Stands for bytes that are no character. */
    private static final char UNDECODABLE = '\ufffd';

    private Directories() {}

    /**
     * Names of the sub-directories, sorted; links to directories count.
     *
     * @throws StatusException INTERNAL if the directory cannot be read
     */
    static List<String> subdirectories(Path directory) {
        return entries(directory).stream()
                .filter(Files::isDirectory)
                .map(Directories::name)
                .toList();
    }

    /**
     * Everything in a directory, sorted by name.
     *
     * @throws StatusException INTERNAL if the directory cannot be read
     */
    static List<Path> entries(Path directory) {
        List<Path> found = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
            entries.forEach(found::add);
        } catch (IOException | DirectoryIteratorException e) {
            throw new StatusException(
                    StatusCode.INTERNAL,
                    "failed to open directory " + directory + ": " + reason(directory, e),
                    e);
        }
        found.sort(Comparator.comparing(Directories::name));
        return found;
    }

    /** A name that is not text was changed when it was read, so that nothing is called like it. */
    private static String reason(Path directory, Exception e) {
        return directory.toString().indexOf(UNDECODABLE) >= 0
                ? "its name is not valid in the character set of the file system, rename it"
                : e.toString();
    }

    /** Last part of a path; of {@code .} and the like, that of the place it means. */
    static String name(Path path) {
        Path name = path.toAbsolutePath().normalize().getFileName();
        return name == null ? "" : name.toString();
    }
}
