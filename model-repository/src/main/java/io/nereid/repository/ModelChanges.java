package io.nereid.repository;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import java.util.Collections;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Lets changes of different models run side by side and those of the same model one after the other
 * (repository section 7.1). A change takes all its models at one moment and never waits while it
 * holds some, so that no two can wait for each other. Used by control threads.
 */
final class ModelChanges {
    private final KnownModels known;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition ended = lock.newCondition();

    @GuardedBy("lock")
    private final Set<String> held = new HashSet<>();

    @GuardedBy("lock")
    private int running;

    @GuardedBy("lock")
    private boolean closed;

    ModelChanges(KnownModels known) {
        this.known = known;
    }

    /** What a change is going to do. */
    interface Plan extends AutoCloseable {
        /** Every model whose state may change. */
        Set<String> touched();

        /** What was known when this was planned. */
        KnownModels.Snapshot before();

        /** Releases what was acquired for the plan, whether it was carried out or not. */
        @Override
        default void close() {}
    }

    /**
     * Runs a change once it holds all models that it touches. A plan that other changes have
     * overtaken in the meantime is made anew.
     *
     * @throws StatusException UNAVAILABLE {@code Server exiting} once closed; what plan and action
     *     throw
     */
    <P extends Plan, T> T run(Supplier<P> planning, Function<P, T> action) {
        P plan = planning.get();
        try {
            Set<String> models = new HashSet<>(plan.touched());
            while (true) {
                begin(models);
                Set<String> taken = Set.copyOf(models);
                try {
                    if (!known.isCurrent(plan.before())) {
                        P next = planning.get();
                        plan.close();
                        plan = next;
                    }
                    if (taken.containsAll(plan.touched())) {
                        return action.apply(plan);
                    }
                    models.addAll(plan.touched());
                } finally {
                    end(taken);
                }
            }
        } finally {
            plan.close();
        }
    }

    private void begin(Set<String> models) {
        lock.lock();
        try {
            while (!closed && !Collections.disjoint(held, models)) {
                ended.awaitUninterruptibly();
            }
            if (closed) {
                throw new StatusException(StatusCode.UNAVAILABLE, "Server exiting");
            }
            held.addAll(models);
            running++;
        } finally {
            lock.unlock();
        }
    }

    private void end(Set<String> models) {
        lock.lock();
        try {
            held.removeAll(models);
            running--;
            ended.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Lets no change begin any more and waits for those that run. */
    void closeAndAwait() {
        lock.lock();
        try {
            closed = true;
            ended.signalAll();
            while (running > 0) {
                ended.awaitUninterruptibly();
            }
        } finally {
            lock.unlock();
        }
    }
}
