package io.nereid.repository;

import io.nereid.backend.ModelFiles;
import io.nereid.protocol.Advice;
import io.nereid.protocol.InvalidConfigException;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.proto.ModelConfigProto.ModelConfig;
import java.io.IOException;
import java.nio.file.FileVisitOption;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;

/**
 * Looks at a version's files before an engine opens them: reading a pipe would never end, and a
 * device would fill the memory. Opens nothing itself. Blocks; used by control threads.
 */
final class PlainFiles {
    /** Why a pipe, socket or device is not opened. */
    static final String SPECIAL = "is neither a file nor a directory";

    private PlainFiles() {}

    /** Whether a path leads to a pipe, a socket or a device, which must not be opened. */
    static boolean isSpecial(Path path) {
        return Files.exists(path) && !Files.isRegularFile(path) && !Files.isDirectory(path);
    }

    /**
     * Checks the files that a version may be read from: its directory, and what warms it up.
     *
     * @throws StatusException INVALID_ARG if one of them is neither a file nor a directory, or if a
     *     model file is named that lies outside of the model's directory
     */
    static void require(PolledModel model, ModelFiles files) {
        ModelConfig config = model.config();
        requireInside(config, files, config.getDefaultModelFilename(), "default_model_filename");
        config.getCcModelFilenamesMap()
                .values()
                .forEach(file -> requireInside(config, files, file, "cc_model_filenames"));
        for (Path root : roots(model.location(), files, config)) {
            requirePlain(config.getName(), root);
        }
    }

    /** A bare file may lie among many others. */
    private static List<Path> roots(ModelLocation location, ModelFiles files, ModelConfig config) {
        if (location instanceof ModelLocation.Bare) {
            return List.of(files.modelFile(config.getDefaultModelFilename()));
        }
        List<Path> roots = new ArrayList<>();
        roots.add(files.versionDirectory());
        roots.add(files.modelDirectory().resolve("warmup"));
        roots.add(files.modelDirectory().resolve("initial_state"));
        return roots;
    }

    private static void requireInside(
            ModelConfig config, ModelFiles files, String file, String field) {
        if (file.indexOf('\0') >= 0 || leadsOut(files, file)) {
            throw new InvalidConfigException(
                    field,
                    "model file '"
                            + file
                            + "' of model '"
                            + config.getName()
                            + "' is outside model directory",
                    new Advice(
                            "a file in the version directory",
                            file,
                            "copy the file into the version directory"));
        }
    }

    /** Of what is not there its engine says so, as the reference does. */
    private static boolean leadsOut(ModelFiles files, String file) {
        Path path = files.modelFile(file);
        Path directory = files.modelDirectory().toAbsolutePath().normalize();
        return Files.exists(path) && !path.toAbsolutePath().normalize().startsWith(directory);
    }

    private static void requirePlain(String model, Path root) {
        if (!Files.exists(root)) {
            return;
        }
        try {
            Files.walkFileTree(
                    root,
                    EnumSet.of(FileVisitOption.FOLLOW_LINKS),
                    Integer.MAX_VALUE,
                    new Look(model));
        } catch (IOException e) {
            throw StatusException.invalidArgument(
                    "failed to read '" + root + "' of model '" + model + "': " + e);
        }
    }

    /** What cannot be looked at is left to whoever needs it. */
    private static final class Look extends SimpleFileVisitor<Path> {
        private final String model;

        Look(String model) {
            this.model = model;
        }

        @Override
        public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            if (attributes.isOther()) {
                throw StatusException.invalidArgument(
                        "'"
                                + file
                                + "' of model '"
                                + model
                                + "' "
                                + SPECIAL
                                + ", it is not opened");
            }
            return FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult visitFileFailed(Path file, IOException reason) {
            return FileVisitResult.CONTINUE;
        }
    }
}
