package io.nereid.repository.store;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import org.jspecify.annotations.Nullable;

/** Deletes directories; links in them are deleted, not followed. */
public final class FileTrees {
    private FileTrees() {}

    /**
     * Deletes a directory with all that is in it.
     *
     * @throws IOException if something cannot be deleted; the rest may be gone
     */
    public static void delete(Path directory) throws IOException {
        Files.walkFileTree(directory, new Deleting(null));
    }

    /**
     * Deletes all that is in a directory.
     *
     * @throws IOException as {@link #delete}
     */
    public static void empty(Path directory) throws IOException {
        Files.walkFileTree(directory, new Deleting(directory));
    }

    private static final class Deleting extends SimpleFileVisitor<Path> {
        private final @Nullable Path spared;

        Deleting(@Nullable Path spared) {
            this.spared = spared;
        }

        @Override
        public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
                throws IOException {
            Files.delete(file);
            return FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult postVisitDirectory(Path visited, @Nullable IOException failure)
                throws IOException {
            if (failure != null) {
                throw failure;
            }
            if (!visited.equals(spared)) {
                Files.delete(visited);
            }
            return FileVisitResult.CONTINUE;
        }
    }
}
