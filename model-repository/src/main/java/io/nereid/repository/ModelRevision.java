package io.nereid.repository;

/** What tells whether a model, or a version of it, has changed (repository section 11). */
sealed interface ModelRevision permits ModelTimestamps, ModelFingerprint {
    /** Before everything: whatever is found later is newer. */
    ModelRevision NEVER = ModelTimestamps.NEVER;

    /** Reads the revision of a model. Blocks. */
    static ModelRevision of(ModelLocation location) {
        return switch (location) {
            case ModelLocation.OnDisk here -> ModelTimestamps.of(here);
            case ModelLocation.Remote remote -> ModelFingerprint.of(remote.model());
        };
    }

    /** Whether something changed since. */
    boolean isNewerThan(ModelRevision before);

    /** The same parts, from which the model differs since a moment, in nanoseconds since 1970. */
    ModelRevision changedAt(long nanos);

    /**
     * Whether a version is the same in both: its directory, and everything beside it that is
     * neither another version nor the configuration in use.
     *
     * @param config name of the entry that holds the configuration in use
     */
    boolean hasSameVersion(ModelRevision other, long version, String config);

    /** Whether an entry of a model's directory belongs to a version. */
    static boolean concerns(String entry, long version, String config) {
        return entry.equals(Long.toString(version))
                || (!entry.isEmpty()
                        && !entry.equals(config)
                        && !entry.chars().allMatch(Character::isDigit));
    }
}
