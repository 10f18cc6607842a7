package io.nereid.server.health;

import io.nereid.backend.RunningBatch;

/**
 * An instance that has executed the same batch for too long.
 *
 * @param model name of its model
 * @param version number of the version
 * @param batch that it executes
 * @param seconds for how long, when somebody last looked
 */
public record StuckInstance(String model, long version, RunningBatch batch, long seconds) {
    /** Whether it is the same batch that was found before. */
    boolean isSame(StuckInstance other) {
        return model.equals(other.model)
                && version == other.version
                && batch.thread().equals(other.batch.thread())
                && batch.sinceNanos() == other.batch.sinceNanos();
    }

    /** What whoever asks for readiness is told. */
    public String describe() {
        return "model '"
                + model
                + "' version "
                + version
                + " is stuck: instance '"
                + batch.instance()
                + "' has executed one batch for "
                + seconds
                + " s";
    }
}
