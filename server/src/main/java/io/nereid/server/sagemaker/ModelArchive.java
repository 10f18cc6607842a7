package io.nereid.server.sagemaker;

import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An unpacked model archive (SageMaker section 8.2).
 *
 * @param repository directory that is a model repository
 * @param model name of the directory of the model that is served; empty if there is none
 */
record ModelArchive(Path repository, String model) {
    private static final Logger log = LoggerFactory.getLogger(ModelArchive.class);

    private static final Pattern ENSEMBLE = Pattern.compile("platform:\\s*\"ensemble\"");
    private static final String CONFIG = "config.pbtxt";
    private static final int MANY_DIRECTORIES = 5;
    private static final List<String> FORBIDDEN = List.of("/dev/", "/proc/", "/sys/");

    /** Whether a place is none that a model could be in, whatever it holds. */
    static boolean isForbidden(Path url) {
        return FORBIDDEN.stream().anyMatch(prefix -> (url + "/").startsWith(prefix));
    }

    /**
     * Finds the model that an archive serves: its ensemble, or else its last directory.
     *
     * @param url where the archive was unpacked, absolute and normal
     * @param root directory that holds all archives
     * @throws StatusException INVALID_ARG if the place is not of the form that the platform uses
     */
    static ModelArchive find(Path url, Path root) {
        String name = "[0-9A-Za-z._-]+";
        if (!url.toString()
                .matches(Pattern.quote(root.toString()) + "/" + name + "/model(/" + name + ")?")) {
            throw StatusException.invalidArgument(
                    "Invalid \"url\" '"
                            + url
                            + "': expected a path of the form "
                            + root
                            + "/<hash>/model[/<subdir>]");
        }
        Path flat = root.resolve(root.relativize(url).getName(0));
        return Files.exists(url.resolve(CONFIG))
                ? new ModelArchive(flat, "model")
                : new ModelArchive(url, served(url));
    }

    private static String served(Path url) {
        List<Path> directories = directories(url);
        if (directories.size() > MANY_DIRECTORIES) {
            log.warn(
                    "'{}' holds {} models: loading a large ensemble may take longer than the"
                            + " platform waits",
                    url,
                    directories.size());
        }
        return directories.stream()
                .filter(ModelArchive::isEnsemble)
                .findFirst()
                .or(() -> directories.stream().reduce((_, last) -> last))
                .map(directory -> directory.getFileName().toString())
                .orElse("");
    }

    private static List<Path> directories(Path url) {
        if (!Files.isDirectory(url)) {
            return List.of();
        }
        try (Stream<Path> entries = Files.list(url)) {
            return entries.filter(Files::isDirectory).sorted().toList();
        } catch (IOException e) {
            throw new StatusException(
                    StatusCode.INTERNAL, "cannot list '" + url + "': " + e.getMessage(), e);
        }
    }

    private static boolean isEnsemble(Path directory) {
        Path config = directory.resolve(CONFIG);
        try {
            return Files.exists(config) && ENSEMBLE.matcher(Files.readString(config)).find();
        } catch (IOException e) {
            throw new StatusException(
                    StatusCode.INTERNAL, "cannot read '" + config + "': " + e.getMessage(), e);
        }
    }
}
