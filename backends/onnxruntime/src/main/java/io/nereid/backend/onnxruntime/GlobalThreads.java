package io.nereid.backend.onnxruntime;

import io.nereid.backend.BackendEnvironment;
import io.nereid.backend.foreign.BackendSettings;

/**
 * The pool of threads that sessions share (model-config section 13.2). By default those use it
 * whose models name no number of threads and have instances for fewer than all cores.
 *
 * @param use which sessions use the pool
 * @param intra threads within an operator
 * @param inter threads between operators
 */
record GlobalThreads(Use use, int intra, int inter) {
    private static final String NAME = "onnxruntime";
    private static final String ENABLED = "enable-global-threadpool";

    /** Which sessions use the pool. */
    enum Use {
        /** There is no pool. */
        NOBODY,
        /** Those whose models ask for nothing else. */
        WHO_ASKS_FOR_NOTHING_ELSE,
        /** All, whatever their models ask for. */
        EVERYBODY
    }

    static GlobalThreads of(BackendEnvironment environment) {
        int intra = BackendSettings.integer(environment, NAME, "intra_op_thread_count", 0);
        int inter = BackendSettings.integer(environment, NAME, "inter_op_thread_count", 0);
        if (!environment.settings().containsKey(ENABLED)) {
            // Sessions that run operators at the same time have threads of their own.
            return new GlobalThreads(
                    Use.WHO_ASKS_FOR_NOTHING_ELSE, intra > 0 ? intra : environment.cores(), 1);
        }
        boolean enabled = BackendSettings.integer(environment, NAME, ENABLED, 0) != 0;
        return new GlobalThreads(
                enabled ? Use.EVERYBODY : Use.NOBODY,
                intra > 0 ? intra : environment.cores(),
                inter > 0 ? inter : environment.cores());
    }
}
