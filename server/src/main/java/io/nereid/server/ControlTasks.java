package io.nereid.server;

import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes work that blocks off the event loops, each piece on a virtual thread of its own. May be
 * used from any thread. A task that throws, whatever it throws, ends with a status.
 */
public final class ControlTasks implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(ControlTasks.class);

    private final ExecutorService executor =
            Executors.newThreadPerTaskExecutor(
                    Thread.ofVirtual().name("nereid-admin-", 0).factory());

    /**
     * Runs a task. Exactly one of the two consumers is called, on the task's thread, or at once if
     * the server is stopping.
     */
    public <T> void run(
            Supplier<T> task, Consumer<T> onSuccess, Consumer<StatusException> onFailure) {
        try {
            executor.execute(() -> runNow(task, onSuccess, onFailure));
        } catch (RejectedExecutionException closed) {
            onFailure.accept(new StatusException(StatusCode.UNAVAILABLE, "Server exiting", closed));
        }
    }

    private static <T> void runNow(
            Supplier<T> task, Consumer<T> onSuccess, Consumer<StatusException> onFailure) {
        T result;
        try {
            result = task.get();
        } catch (StatusException e) {
            onFailure.accept(e);
            return;
        } catch (Throwable e) {
            log.error("administrative task failed unexpectedly", e);
            onFailure.accept(new StatusException(StatusCode.INTERNAL, "internal error", e));
            return;
        }
        onSuccess.accept(result);
    }

    /** Waits for all tasks. */
    @Override
    public void close() {
        executor.close();
    }
}
