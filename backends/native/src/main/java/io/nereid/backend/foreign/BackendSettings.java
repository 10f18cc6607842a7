package io.nereid.backend.foreign;

import io.nereid.backend.BackendEnvironment;
import io.nereid.protocol.StatusException;

/** Reads {@code --backend-config} settings. */
public final class BackendSettings {
    private static final int DEFAULT_MAX_BATCH_SIZE = 4;

    private BackendSettings() {}

    /** Batch size for models that batch and whose configuration names none. */
    public static int defaultMaxBatchSize(BackendEnvironment environment, String backend) {
        return integer(environment, backend, "default-max-batch-size", DEFAULT_MAX_BATCH_SIZE);
    }

    /**
     * A number among the settings.
     *
     * @param fallback value if there is no such setting
     * @throws StatusException INVALID_ARG if it is none
     */
    public static int integer(
            BackendEnvironment environment, String backend, String key, int fallback) {
        String value = environment.settings().get(key);
        if (value == null) {
            return fallback;
        }
        try {
            return Integer.parseInt(value.strip());
        } catch (NumberFormatException e) {
            throw StatusException.invalidArgument(
                    "setting '"
                            + key
                            + "' of backend "
                            + backend
                            + " must be an integer, got '"
                            + value
                            + "'");
        }
    }
}
