package io.nereid.repository;

import java.nio.file.Path;
import java.util.Optional;

/** A place where a model may lie. */
sealed interface ModelLocation {
    /** The model's name, unless its configuration says otherwise and may. */
    String name();

    /** Tells the place from all others. */
    String origin();

    /**
     * A folder of an object store.
     *
     * @param name name of the folder
     * @param model what is in it
     */
    record Remote(String name, RemoteModel model) implements ModelLocation {
        @Override
        public String origin() {
            return model.origin();
        }

        /** The place of its copy on this machine. */
        OnDisk copiedTo(Path directory) {
            return model.path().isEmpty()
                    ? new Alone(name, directory)
                    : new Member(name, directory);
        }
    }

    /** A place on this machine. */
    sealed interface OnDisk extends ModelLocation {
        /** The model's directory. */
        Path directory();

        @Override
        default String origin() {
            return directory().toString();
        }
    }

    /**
     * A sub-directory of a repository; the model is called as the directory is.
     *
     * @param name name of the directory
     * @param directory its path
     */
    record Member(String name, Path directory) implements OnDisk {}

    /**
     * A sub-directory of a repository whose model is called otherwise inside the server (SageMaker
     * section 8.2), whatever its configuration says.
     *
     * @param name name of the model
     * @param directory path of the directory
     */
    record Mapped(String name, Path directory) implements OnDisk {}

    /**
     * A model's directory, named in place of a repository.
     *
     * @param name name of the directory
     * @param directory its path
     */
    record Alone(String name, Path directory) implements OnDisk {}

    /**
     * A model file, or a directory that is one, without a directory for its version: served as
     * version 1.
     *
     * @param name name for the model
     * @param directory where the file lies
     * @param file name of the file in that directory
     * @param config a configuration for it, if there is one
     */
    record Bare(String name, Path directory, String file, Optional<Path> config) implements OnDisk {
        @Override
        public String origin() {
            return directory.resolve(file).toString();
        }
    }
}
