package io.nereid.backend.onnxruntime;

import io.nereid.backend.BackendEnvironment;
import io.nereid.backend.foreign.BackendSettings;

/**
 * Whether all sessions share one pool of threads, and how large it is (model-config section 13.2).
 *
 * @param enabled backend setting {@code enable-global-threadpool}
 * @param intra threads within an operator
 * @param inter threads between operators
 */
record GlobalThreads(boolean enabled, int intra, int inter) {
    private static final String NAME = "onnxruntime";

    static GlobalThreads of(BackendEnvironment environment) {
        int intra = BackendSettings.integer(environment, NAME, "intra_op_thread_count", 0);
        int inter = BackendSettings.integer(environment, NAME, "inter_op_thread_count", 0);
        return new GlobalThreads(
                BackendSettings.integer(environment, NAME, "enable-global-threadpool", 0) != 0,
                intra > 0 ? intra : environment.cores(),
                inter > 0 ? inter : environment.cores());
    }
}
