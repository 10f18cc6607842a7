package io.nereid.server.memory;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.nereid.protocol.Owned;
import io.nereid.protocol.StatusException;
import io.nereid.server.memory.LazyModel.OpenModel;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The lazy models that are open, in the memory budget of all models: closes the least recently used
 * when another one needs their memory. Blocks; used by control threads, several at a time.
 */
final class ResidentModels {
    private static final Logger log = LoggerFactory.getLogger(ResidentModels.class);

    private final MemoryBudget budget;
    private final Runnable trim;
    private final LongAdder evictions = new LongAdder();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    @GuardedBy("lock")
    private final Set<LazyModel> open = new LinkedHashSet<>();

    /** Models that are being opened or closed: their memory may yet become free. */
    @GuardedBy("lock")
    private int moving;

    /**
     * @param trim gives freed memory back to the system
     */
    ResidentModels(MemoryBudget budget, Runnable trim) {
        this.budget = budget;
        this.trim = trim;
    }

    /** Models that were closed for others since the start. */
    long evictions() {
        return evictions.sum();
    }

    /**
     * Takes memory, closing lazy models for it. To be followed by {@link #giveBack}, or by {@link
     * #settle} once it is known how much is needed in truth, and {@link #add} or {@link #stays}.
     *
     * @throws StatusException UNAVAILABLE if there is not so much, with all of them closed
     */
    void take(String model, long bytes) {
        while (true) {
            Optional<LazyModel> victim;
            lock.lock();
            try {
                if (budget.tryTake(bytes)) {
                    moving++;
                    return;
                }
                victim = bytes > budget.limit() ? Optional.empty() : leastRecentlyUsed();
                if (victim.isEmpty() && (moving == 0 || bytes > budget.limit())) {
                    throw tooLittle(model, bytes);
                }
                if (victim.isEmpty()) {
                    changed.awaitUninterruptibly();
                }
            } finally {
                lock.unlock();
            }
            victim.ifPresent(this::evict);
        }
    }

    private StatusException tooLittle(String model, long bytes) {
        return StatusException.retryLater(
                "model '"
                        + model
                        + "' needs "
                        + megabytes(bytes)
                        + ", but "
                        + megabytes(budget.taken())
                        + " of the memory budget of "
                        + megabytes(budget.limit())
                        + " are taken; unload models or raise --model-memory-budget",
                1);
    }

    private static String megabytes(long bytes) {
        return String.format(Locale.ROOT, "%.1f MiB", bytes / 1048576.0);
    }

    /** Memory that was {@linkplain #take taken} is not needed, or not any more. */
    void giveBack(long bytes) {
        lock.lock();
        try {
            budget.giveBack(bytes);
            moving--;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /**
     * It is known now how much a model takes in truth.
     *
     * @param taken bytes that were taken for it
     * @param needed bytes that it takes
     */
    void settle(long taken, long needed) {
        lock.lock();
        try {
            budget.take(needed - taken);
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /**
     * A model stays open until it is {@linkplain #release released}.
     *
     * @throws StatusException UNAVAILABLE if it takes more than there is with all lazy models
     *     closed; the memory stays taken
     */
    void stays(String model, long bytes) {
        arrived();
        shrink(Optional.empty());
        if (budget.isOverrun()) {
            throw tooLittle(model, bytes);
        }
    }

    /** A model is neither being opened nor closed any more. */
    private void arrived() {
        lock.lock();
        try {
            moving--;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Closes lazy models until the budget holds, as far as that goes.
     *
     * @param spared stays open
     */
    void shrink(Optional<LazyModel> spared) {
        while (true) {
            Optional<LazyModel> victim;
            lock.lock();
            try {
                victim =
                        budget.isOverrun()
                                ? leastRecentlyUsed()
                                        .filter(model -> !spared.equals(Optional.of(model)))
                                : Optional.empty();
            } finally {
                lock.unlock();
            }
            if (victim.isEmpty()) {
                return;
            }
            evict(victim.get());
        }
    }

    /**
     * A model was opened; its memory has been settled.
     *
     * @return false if it has been closed in the meantime; then nothing is open any more
     */
    boolean add(LazyModel model, @Owned OpenModel opened) {
        if (!model.opened(opened)) {
            opened.close();
            giveBack(opened.bytes());
            trim.run();
            return false;
        }
        lock.lock();
        try {
            open.add(model);
        } finally {
            lock.unlock();
        }
        arrived();
        model.openingEnded();
        return true;
    }

    /** A model has been closed. */
    void release(long bytes) {
        trim.run();
        lock.lock();
        try {
            budget.giveBack(bytes);
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Bytes that models take. */
    long taken() {
        return budget.taken();
    }

    /** Of those that are idle, or else of all; taken out, so that nobody else chooses it. */
    @GuardedBy("lock")
    private Optional<LazyModel> leastRecentlyUsed() {
        List<LazyModel> idle = new ArrayList<>();
        for (LazyModel model : open) {
            OpenModel now = model.open();
            if (now == null || now.isIdle()) {
                idle.add(model);
            }
        }
        long now = System.nanoTime();
        return (idle.isEmpty() ? open : idle)
                .stream().max(Comparator.comparingLong(model -> now - model.lastUsed()));
    }

    private void evict(LazyModel model) {
        if (close(model)) {
            evictions.increment();
            log.info("closed '{}' version {} to make room", name(model), model.version());
        }
    }

    private static String name(LazyModel model) {
        return model.config().name();
    }

    /** Closes a model if it is open and nobody else does; whether it was this call. */
    boolean close(LazyModel model) {
        lock.lock();
        try {
            if (!open.remove(model)) {
                return false;
            }
            moving++;
        } finally {
            lock.unlock();
        }
        OpenModel taken = model.takeOut();
        try {
            if (taken != null) {
                taken.close();
            }
        } finally {
            giveBack(taken == null ? 0 : taken.bytes());
            trim.run();
        }
        return true;
    }
}
