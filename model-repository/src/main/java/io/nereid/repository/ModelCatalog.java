package io.nereid.repository;

import io.nereid.backend.Model;
import io.nereid.backend.ModelLease;
import io.nereid.protocol.Owned;
import java.util.List;
import java.util.OptionalLong;
import java.util.SortedSet;

/**
 * The models that can be asked now. All but {@link #index} reads what is in memory and never
 * blocks. Called on: any thread.
 */
public interface ModelCatalog {
    /**
     * The model that answers for this name and version (validation section 2), for a look at what
     * it is: it may be closed at any time, and a request needs a {@linkplain #lease lease}.
     *
     * @param version version asked for; empty for the highest that is ready
     * @throws io.nereid.protocol.StatusException NOT_FOUND or UNAVAILABLE, {@code Request for
     *     unknown model: ...}
     */
    Model model(String name, OptionalLong version);

    /**
     * The model that answers for this name and version, kept open for a request (validation section
     * 2). A request that was looked up so is answered, whatever becomes of the model meanwhile.
     *
     * @param version version asked for; empty for the highest that is ready
     * @throws io.nereid.protocol.StatusException as {@link #model}
     */
    @Owned
    ModelLease lease(String name, OptionalLong version);

    /** Names of the models that were ever loaded or tried, sorted. */
    SortedSet<String> names();

    /** Versions of a model that are ready, ascending; empty for unknown models. */
    List<Long> readyVersions(String name);

    /** Whether every known model is ready, as strict readiness asks (repository section 6). */
    boolean allReady();

    /**
     * What is in the repositories at this moment, by name, then version: an entry per version that
     * was ever loaded or tried, one without version for other models (http 6.1). Lists directories:
     * blocks, and is called on control threads.
     */
    List<IndexEntry> index();
}
