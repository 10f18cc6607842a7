package io.nereid.backend.foreign;

import io.nereid.protocol.StatusException;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/**
 * Runs native code that loads something on a platform thread with a large stack: control threads
 * are virtual and would hold their carrier, and engines recurse deeply while they start.
 */
public final class PlatformThreads {
    private static final long STACK_BYTES = 16L << 20;

    private PlatformThreads() {}

    /**
     * The result of {@code task}, run on a thread of its own. Blocks until it is there, also when
     * interrupted, since nobody else could free what the task made.
     *
     * @throws StatusException as the task threw it
     */
    public static <T> T call(String threadName, Callable<T> task) {
        FutureTask<T> future = new FutureTask<>(task);
        Thread.ofPlatform().name(threadName).daemon().stackSize(STACK_BYTES).start(future);
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return future.get();
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        } catch (ExecutionException e) {
            throw rethrow(e);
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private static RuntimeException rethrow(ExecutionException failure) {
        return switch (failure.getCause()) {
            case StatusException status ->
                    new StatusException(status.code(), status.text(), status);
            case RuntimeException runtime -> runtime;
            case Error error -> throw error;
            case null, default -> new IllegalStateException("a native engine failed", failure);
        };
    }
}
