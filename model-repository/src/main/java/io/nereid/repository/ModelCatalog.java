package io.nereid.repository;

import io.nereid.backend.Model;
import java.util.List;
import java.util.OptionalLong;

/**
 * The models that can be asked now. Reads an in-memory index; never blocks. Called on: any thread.
 */
public interface ModelCatalog {
    /**
     * The model that answers for this name and version (validation section 2).
     *
     * @param version version asked for; empty for the highest that is ready
     * @throws io.nereid.protocol.StatusException NOT_FOUND or UNAVAILABLE, {@code Request for
     *     unknown model: ...}
     */
    Model model(String name, OptionalLong version);

    /** Versions of a model that are ready, ascending; empty for unknown models. */
    List<Long> readyVersions(String name);

    /** Whether every known model is ready, as strict readiness asks (repository section 6). */
    boolean allReady();

    /** One entry per version that was ever loaded or tried, by name, then version (http 6.1). */
    List<IndexEntry> index();
}
