package io.nereid.backend.dali.pipeline;

import java.util.function.IntConsumer;

/** Runs independent tasks, maybe several at a time. */
@FunctionalInterface
public interface Parallel {
    /** One after the other on the caller's thread. */
    Parallel SEQUENTIAL =
            (n, task) -> {
                for (int i = 0; i < n; i++) {
                    task.accept(i);
                }
            };

    /** Runs {@code task} for 0 to {@code n} - 1 and returns when all have ended. */
    void forEach(int n, IntConsumer task);
}
