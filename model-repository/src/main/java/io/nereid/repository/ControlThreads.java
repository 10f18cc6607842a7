package io.nereid.repository;

import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Virtual threads for loading and unloading. One of the three places that may catch everything: a
 * task that throws, whatever it throws, ends with a status.
 */
final class ControlThreads implements AutoCloseable {
    private final ExecutorService executor =
            Executors.newThreadPerTaskExecutor(
                    Thread.ofVirtual().name("nereid-control-", 0).factory());

    /**
     * Runs a task on a thread of its own.
     *
     * @param result completed normally in every case
     * @param onFailure turns what the task threw into its result
     */
    <T> void start(
            CompletableFuture<T> result, Supplier<T> task, Function<StatusException, T> onFailure) {
        try {
            executor.execute(() -> result.complete(run(task, onFailure)));
        } catch (RejectedExecutionException closed) {
            result.complete(
                    onFailure.apply(
                            new StatusException(StatusCode.UNAVAILABLE, "Server exiting", closed)));
        }
    }

    /**
     * Runs a task on the thread at hand, which is a control thread.
     *
     * @param onFailure turns what the task threw into its result
     */
    static <T> T run(Supplier<T> task, Function<StatusException, T> onFailure) {
        try {
            return task.get();
        } catch (StatusException e) {
            return onFailure.apply(e);
        } catch (Throwable e) {
            return onFailure.apply(new StatusException(StatusCode.INTERNAL, text(e), e));
        }
    }

    /** Waits for the end of a thread; an interrupt is kept for later. */
    static void join(Thread thread) {
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private static String text(Throwable e) {
        String message = e.getMessage();
        return message == null ? e.toString() : message;
    }

    /** Waits for all tasks. */
    @Override
    public void close() {
        executor.close();
    }
}
