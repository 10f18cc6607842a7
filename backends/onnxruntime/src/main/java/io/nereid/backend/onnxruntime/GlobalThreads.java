package io.nereid.backend.onnxruntime;

import io.nereid.backend.BackendEnvironment;
import io.nereid.protocol.StatusException;

/**
 * Whether all sessions share one pool of threads, and how large it is (model-config section 13.2).
 *
 * @param enabled backend setting {@code enable-global-threadpool}
 * @param intra threads within an operator
 * @param inter threads between operators
 */
record GlobalThreads(boolean enabled, int intra, int inter) {
    static GlobalThreads of(BackendEnvironment environment) {
        int intra = setting(environment, "intra_op_thread_count", 0);
        int inter = setting(environment, "inter_op_thread_count", 0);
        return new GlobalThreads(
                setting(environment, "enable-global-threadpool", 0) != 0,
                intra > 0 ? intra : environment.cores(),
                inter > 0 ? inter : environment.cores());
    }

    /**
     * A number among the backend's settings.
     *
     * @throws StatusException INVALID_ARG if it is none
     */
    static int setting(BackendEnvironment environment, String key, int fallback) {
        String value = environment.settings().get(key);
        if (value == null) {
            return fallback;
        }
        try {
            return Integer.parseInt(value.strip());
        } catch (NumberFormatException e) {
            throw StatusException.invalidArgument(
                    "backend setting '"
                            + key
                            + "' of onnxruntime must be an integer, got '"
                            + value
                            + "'");
        }
    }
}
