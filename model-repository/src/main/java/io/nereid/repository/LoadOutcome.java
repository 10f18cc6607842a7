package io.nereid.repository;

/** What came of loading one model. */
sealed interface LoadOutcome {
    /** Every version that was to be loaded is ready. */
    record Loaded() implements LoadOutcome {}

    /**
     * The model cannot be loaded as things stand: an ensemble whose members are not there.
     *
     * @param text why
     */
    record Invalid(String text) implements LoadOutcome {}

    /**
     * Loading failed; no version is ready.
     *
     * @param text one clause for each version that failed
     */
    record Failed(String text) implements LoadOutcome {}
}
