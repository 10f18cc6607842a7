package io.nereid.repository;

import io.nereid.protocol.Advice;
import io.nereid.protocol.Suggestions;
import io.nereid.protocol.proto.ModelConfigProto.ModelConfig;
import io.nereid.repository.validation.FindingKind;
import io.nereid.repository.validation.Remarks;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** Finds files and directories of a model that nobody ever reads. Follows no link twice. */
final class DirectoryLint {
    private static final Set<String> MODEL_FILES =
            Set.of("onnx", "pt", "pt2", "plan", "savedmodel", "graphdef", "pb", "dali");

    /** A configuration has one size of at most this many bytes, in all repositories seen. */
    private static final long USUAL_CONFIG = 1 << 20;

    private final Path directory;
    private final Remarks remarks;

    private DirectoryLint(Path directory, Remarks remarks) {
        this.directory = directory;
        this.remarks = remarks;
    }

    /**
     * Looks at a model's directory.
     *
     * @param config configuration of the model; empty if it cannot be told
     * @param selected versions that are served
     */
    static void check(
            Path directory, Optional<ModelConfig> config, List<Long> selected, Remarks remarks) {
        DirectoryLint lint = new DirectoryLint(directory, remarks);
        boolean hasConfig = Files.exists(directory.resolve(RepositoryPath.CONFIG_FILE));
        for (Path entry : Directories.entries(directory)) {
            String name = Directories.name(entry);
            if (isBrokenLink(entry)) {
                lint.brokenLink(entry);
            } else if (isModelFile(name)) {
                lint.misplaced(entry);
            } else if (Files.isDirectory(entry)) {
                lint.checkDirectory(entry, name, config, selected);
            } else {
                lint.checkConfigFile(entry, name, hasConfig);
            }
        }
    }

    private static boolean isModelFile(String name) {
        return MODEL_FILES.contains(name.substring(name.lastIndexOf('.') + 1))
                && name.indexOf('.') >= 0;
    }

    /** Whether it is a link to nothing, or to itself. */
    static boolean isBrokenLink(Path entry) {
        return Files.exists(entry, LinkOption.NOFOLLOW_LINKS) && !Files.exists(entry);
    }

    private void brokenLink(Path entry) {
        remarks.file(
                FindingKind.LAYOUT,
                entry,
                "'" + Directories.name(entry) + "' is a link that leads nowhere",
                Advice.fix("remove the link, or correct where it leads"));
    }

    private void misplaced(Path entry) {
        String name = Directories.name(entry);
        remarks.file(
                FindingKind.LAYOUT,
                entry,
                "'" + name + "' is never read: model files lie in version directories",
                new Advice(
                        directory.resolve("1").resolve(name).toString(),
                        entry.toString(),
                        "move it into a directory 1"));
    }

    private void checkConfigFile(Path entry, String name, boolean hasConfig) {
        if (name.equals(RepositoryPath.CONFIG_FILE)) {
            if (entry.toFile().length() > USUAL_CONFIG) {
                remarks.file(
                        FindingKind.LAYOUT,
                        entry,
                        "the configuration has "
                                + (entry.toFile().length() >> 20)
                                + " MiB, which delays every load",
                        Advice.fix("check that this is the right file"));
            }
            return;
        }
        boolean similar =
                name.toLowerCase(Locale.ROOT).startsWith("config.")
                        || Suggestions.nearest(name, Set.of(RepositoryPath.CONFIG_FILE))
                                .isPresent();
        if (similar && !hasConfig) {
            remarks.file(
                    FindingKind.LAYOUT,
                    entry,
                    "'" + name + "' is never read: the configuration is called config.pbtxt",
                    new Advice(RepositoryPath.CONFIG_FILE, name, "rename it to config.pbtxt"));
        }
    }

    private void checkDirectory(
            Path entry, String name, Optional<ModelConfig> config, List<Long> selected) {
        if (VersionDirectories.number(name).isPresent()) {
            checkVersion(entry, config, selected);
        } else if (!VersionDirectories.isForOthers(name)) {
            remarks.file(
                    FindingKind.VERSION,
                    entry,
                    VersionDirectories.ignored(name),
                    new Advice(
                            "a number without leading zeros",
                            name,
                            digits(name)
                                    .map(number -> "rename it to " + number)
                                    .orElse("rename it to a number, or move it away")));
        }
    }

    /** The version that is probably meant by {@code v2} or {@code 01}. */
    private static Optional<String> digits(String name) {
        String digits = name.replaceFirst("^\\D*0*", "");
        return digits.matches("[1-9]\\d{0,17}") ? Optional.of(digits) : Optional.empty();
    }

    private void checkVersion(Path version, Optional<ModelConfig> config, List<Long> selected) {
        List<Path> entries = Directories.entries(version);
        long number = Long.parseLong(Directories.name(version));
        boolean engine = config.map(known -> !known.getBackend().isEmpty()).orElse(false);
        if (entries.isEmpty() && engine && !selected.contains(number)) {
            remarks.file(
                    FindingKind.VERSION,
                    version,
                    "version directory '" + number + "' is empty",
                    Advice.fix("put the model file into it, or remove it"));
        }
        String expected = config.map(ModelConfig::getDefaultModelFilename).orElse("");
        for (Path entry : entries) {
            String name = Directories.name(entry);
            if (isBrokenLink(entry)) {
                brokenLink(entry);
            } else if (name.equals(RepositoryPath.CONFIG_FILE)) {
                remarks.file(
                        FindingKind.LAYOUT,
                        entry,
                        "'config.pbtxt' is never read in a version directory",
                        new Advice(
                                directory.resolve(name).toString(),
                                entry.toString(),
                                "move it one level up, beside the version directories"));
            } else if (isModelFile(name) && !expected.isEmpty() && !name.equals(expected)) {
                remarks.file(
                        FindingKind.LAYOUT,
                        entry,
                        "'" + name + "' is never read: the model file is '" + expected + "'",
                        new Advice(
                                expected,
                                name,
                                "remove it, rename it to "
                                        + expected
                                        + ", or write default_model_filename: \""
                                        + name
                                        + "\""));
            }
        }
    }
}
