package io.nereid.backend.dali;

import io.nereid.backend.dali.pipeline.Parallel;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntConsumer;

/**
 * Threads that help instances with the samples of a batch, shared by all models.
 *
 * <p>The instance's thread works along and could do everything alone, so helpers are never waited
 * for unless they hold a sample: a busy pool costs speed, it cannot block. For the same reason a
 * full queue may drop them.
 */
final class WorkerPool implements AutoCloseable {
    private static final int MAX_WAITING = 256;
    private static final long IDLE_SECONDS = 30;

    private final ThreadPoolExecutor executor;

    /**
     * @param cores cores of the process; the callers use one of them
     */
    WorkerPool(int cores) {
        int helpers = Math.max(1, cores - 1);
        executor =
                new ThreadPoolExecutor(
                        helpers,
                        helpers,
                        IDLE_SECONDS,
                        TimeUnit.SECONDS,
                        new ArrayBlockingQueue<>(MAX_WAITING),
                        Thread.ofPlatform().daemon().name("nereid-dali-", 0).factory(),
                        new ThreadPoolExecutor.DiscardPolicy());
        executor.allowCoreThreadTimeOut(true);
    }

    /** Parallel execution with at most {@code threads} threads, the caller's included. */
    Parallel limitedTo(int threads) {
        return threads <= 1 ? Parallel.SEQUENTIAL : (n, task) -> forEach(n, task, threads);
    }

    private void forEach(int n, IntConsumer task, int threads) {
        Work work = new Work(n, task);
        for (int i = 1; i < Math.min(n, threads); i++) {
            executor.execute(work);
        }
        work.run();
        work.await();
    }

    @Override
    public void close() {
        executor.shutdownNow();
    }

    /** Tasks that several threads take one by one. */
    private static final class Work implements Runnable {
        private final IntConsumer task;
        private final int count;
        private final AtomicInteger next = new AtomicInteger();
        private final CountDownLatch open;

        Work(int count, IntConsumer task) {
            this.task = task;
            this.count = count;
            this.open = new CountDownLatch(count);
        }

        @Override
        public void run() {
            for (int i = next.getAndIncrement(); i < count; i = next.getAndIncrement()) {
                try {
                    task.accept(i);
                } finally {
                    open.countDown();
                }
            }
        }

        void await() {
            boolean interrupted = false;
            while (true) {
                try {
                    open.await();
                    break;
                } catch (InterruptedException e) {
                    // tasks in flight write to memory that the caller owns
                    interrupted = true;
                }
            }
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
