package io.nereid.repository;

import io.nereid.protocol.StatusException;
import java.nio.file.Path;
import java.util.List;

/** A repository that was given at start. Its text is how it was given. Blocks. */
sealed interface ModelSource permits RepositoryPath, StoreRepository {
    /**
     * The models there now, sorted by name.
     *
     * @throws StatusException if it cannot be read
     */
    List<ModelLocation> locations();

    /** Whether this is that directory, absolute and normal. */
    boolean is(Path directory);
}
