package io.nereid.repository;

/** State of one version of a model (repository section 9). */
public enum VersionState {
    LOADING,
    READY,
    UNLOADING,
    UNAVAILABLE
}
