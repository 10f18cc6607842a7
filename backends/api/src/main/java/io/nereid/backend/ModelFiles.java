package io.nereid.backend;

import java.nio.file.Path;

/**
 * Where one version of a model lies.
 *
 * @param modelDirectory the model's directory
 * @param version number of the version
 * @param versionDirectory directory of the version; the model's directory itself where a model file
 *     is served that has no directory of its own
 */
public record ModelFiles(Path modelDirectory, long version, Path versionDirectory) {
    /** A version in the directory of its number. */
    public ModelFiles(Path modelDirectory, long version) {
        this(modelDirectory, version, modelDirectory.resolve(Long.toString(version)));
    }

    /** The model file or directory: {@code filename} inside the version's directory. */
    public Path modelFile(String filename) {
        return versionDirectory().resolve(filename);
    }
}
