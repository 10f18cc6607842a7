package io.nereid.backend;

import java.nio.file.Path;

/**
 * Where one version of a model lies.
 *
 * @param modelDirectory the model's directory
 * @param version number of the version
 */
public record ModelFiles(Path modelDirectory, long version) {
    /** Directory of the version. */
    public Path versionDirectory() {
        return modelDirectory.resolve(Long.toString(version));
    }

    /** The model file or directory: {@code filename} inside the version's directory. */
    public Path modelFile(String filename) {
        return versionDirectory().resolve(filename);
    }
}
