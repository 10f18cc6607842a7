package io.nereid.repository;

import io.nereid.protocol.Advice;
import io.nereid.repository.validation.FindingKind;
import io.nereid.repository.validation.Remarks;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Finds what lies in a repository and is taken for no model, or is taken for one and is none. */
final class RepositoryLint {
    private RepositoryLint() {}

    /** Looks at the plain files and links of a repository. */
    static void checkRoot(Path root, Remarks remarks) {
        for (Path entry : Directories.entries(root)) {
            String name = Directories.name(entry);
            if (DirectoryLint.isBrokenLink(entry)) {
                remarks.file(
                        FindingKind.LAYOUT,
                        entry,
                        "'" + name + "' is a link that leads nowhere",
                        Advice.fix("remove the link, or correct where it leads"));
            } else if (Files.isRegularFile(entry) && BareModels.isModelFile(name)) {
                String stem = BareModels.stem(name);
                remarks.file(
                        FindingKind.LAYOUT,
                        entry,
                        "'" + name + "' is never read: a model is a directory",
                        new Advice(
                                root.resolve(stem)
                                        .resolve("1")
                                        .resolve("model" + end(name, stem))
                                        .toString(),
                                entry.toString(),
                                "move it there, or serve this file by itself"));
            }
        }
    }

    private static String end(String name, String stem) {
        return name.substring(stem.length());
    }

    /** Whether what was taken for a model is a repository; says so. */
    static boolean checkNesting(Path directory, Remarks remarks) {
        if (Files.exists(directory.resolve(RepositoryPath.CONFIG_FILE))) {
            return false;
        }
        List<String> models =
                Directories.subdirectories(directory).stream()
                        .filter(name -> VersionDirectories.number(name).isEmpty())
                        .filter(name -> isModel(directory.resolve(name)))
                        .toList();
        if (!models.isEmpty()) {
            remarks.file(
                    FindingKind.LAYOUT,
                    directory,
                    "'"
                            + Directories.name(directory)
                            + "' is taken for a model, but holds models itself: "
                            + String.join(", ", models),
                    new Advice(
                            "a repository whose sub-directories are models",
                            "a repository one level above",
                            "serve " + directory + " instead"));
        }
        return !models.isEmpty();
    }

    private static boolean isModel(Path directory) {
        return Files.isRegularFile(directory.resolve(RepositoryPath.CONFIG_FILE))
                || Directories.subdirectories(directory).stream()
                        .filter(name -> VersionDirectories.number(name).isPresent())
                        .anyMatch(name -> BareModels.in(directory.resolve(name)).isPresent());
    }
}
