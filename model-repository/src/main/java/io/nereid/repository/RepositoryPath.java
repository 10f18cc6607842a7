package io.nereid.repository;

import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * A path given as a repository. It may also be one model's directory or one model file: what is
 * meant is plain, so it is served rather than refused.
 */
final class RepositoryPath implements ModelSource {
    static final String CONFIG_FILE = "config.pbtxt";
    private static final String SAVED_MODEL = "saved_model.pb";

    private final Path path;

    private RepositoryPath(Path path) {
        this.path = path;
    }

    /**
     * A path that exists and can be served.
     *
     * @throws StatusException INTERNAL {@code failed to stat file ...}, or INVALID_ARG {@code
     *     repository path is not a valid directory}
     */
    static RepositoryPath of(Path path) {
        requireExists(path);
        if (!Files.isDirectory(path) && !BareModels.isModelFile(Directories.name(path))) {
            throw StatusException.invalidArgument(
                    "repository path is not a valid directory: "
                            + path
                            + " is a file, expected a repository, a model's directory or a model"
                            + " file such as model.onnx");
        }
        return new RepositoryPath(path);
    }

    private static void requireExists(Path path) {
        if (!Files.exists(path)) {
            throw new StatusException(StatusCode.INTERNAL, "failed to stat file " + path);
        }
    }

    @Override
    public List<ModelLocation> locations() {
        requireExists(path);
        if (!Files.isDirectory(path)) {
            String file = Directories.name(path);
            return List.of(bare(BareModels.stem(file), parent(), file, Optional.empty()));
        }
        List<String> directories = Directories.subdirectories(path);
        if (Files.isRegularFile(path.resolve(SAVED_MODEL))) {
            String name = Directories.name(path);
            return List.of(bare(BareModels.stem(name), parent(), name, Optional.empty()));
        }
        Optional<String> file = BareModels.in(path);
        if (file.isPresent()) {
            return List.of(bare(Directories.name(path), path, file.get(), config()));
        }
        if (config().isPresent() || directories.stream().anyMatch(this::holdsVersion)) {
            return List.of(new ModelLocation.Alone(Directories.name(path), path));
        }
        return directories.stream()
                .<ModelLocation>map(name -> new ModelLocation.Member(name, path.resolve(name)))
                .toList();
    }

    private static ModelLocation bare(
            String name, Path directory, String file, Optional<Path> config) {
        return new ModelLocation.Bare(name, directory, file, config);
    }

    private Path parent() {
        Path parent = path.toAbsolutePath().normalize().getParent();
        return parent == null ? path : parent;
    }

    private Optional<Path> config() {
        Path config = path.resolve(CONFIG_FILE);
        return Files.isRegularFile(config) ? Optional.of(config) : Optional.empty();
    }

    private boolean holdsVersion(String directory) {
        return VersionDirectories.number(directory).isPresent()
                && BareModels.in(path.resolve(directory)).isPresent();
    }

    @Override
    public boolean is(Path other) {
        return path.toAbsolutePath().normalize().equals(other);
    }

    @Override
    public String toString() {
        return path.toString();
    }
}
