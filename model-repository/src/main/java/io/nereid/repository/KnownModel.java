package io.nereid.repository;

/**
 * What is known of a model that is wanted: loaded, or to be loaded once what it needs is there.
 *
 * @param polled configuration and place that it was last loaded from, or was to be
 * @param revision what later changes are compared with
 * @param explicit whether it was asked for by name, not only because an ensemble needs it
 */
record KnownModel(PolledModel polled, ModelRevision revision, boolean explicit) {
    /** The same, asked for by name. */
    KnownModel asExplicit() {
        return explicit ? this : new KnownModel(polled, revision, true);
    }
}
