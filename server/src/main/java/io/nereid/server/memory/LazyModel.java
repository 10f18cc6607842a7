package io.nereid.server.memory;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.nereid.backend.Holds;
import io.nereid.backend.Model;
import io.nereid.backend.RunningBatch;
import io.nereid.backend.scheduler.DeadlineTimer;
import io.nereid.protocol.InferenceRequest;
import io.nereid.protocol.InferenceResponse;
import io.nereid.protocol.ModelConfig;
import io.nereid.protocol.Owned;
import io.nereid.protocol.ResponseSender;
import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A version whose engine is opened when a request comes and may be closed again when others need
 * its memory. Requests that find it closed wait, each for a limited time. Any thread; what is not
 * of {@link Model} belongs to those that open and close it.
 */
final class LazyModel implements Model {
    /** Most requests that wait for one model to be opened. */
    static final int CAPACITY = 4096;

    private static final int RETRY_AFTER_SECONDS = 1;

    private final ModelConfig config;
    private final long version;
    private final Opener opener;
    private final DeadlineTimer timer;
    private final Duration patience;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition opened = lock.newCondition();

    @GuardedBy("lock")
    private final Set<Waiting> waiting = new LinkedHashSet<>();

    @GuardedBy("lock")
    private boolean opening;

    @GuardedBy("lock")
    private boolean ended;

    // Written under the lock; requests read it without.
    private volatile @Nullable OpenModel open;

    // For the choice of the least recently used: a lost update does no harm.
    private volatile long lastUsed;

    /**
     * @param opener opens the version when it is asked to
     * @param timer for requests that wait too long; stays the caller's
     * @param patience longest wait of a request
     */
    LazyModel(
            ModelConfig config,
            long version,
            Opener opener,
            DeadlineTimer timer,
            Duration patience) {
        this.config = config;
        this.version = version;
        this.opener = opener;
        this.timer = timer;
        this.patience = patience;
    }

    /** Opens the engine of a version, and closes it. */
    interface Opener {
        /**
         * Begins to open it; {@link #opened} and {@link #openingEnded}, or {@link #failed} follow.
         * Does not block.
         */
        void open(LazyModel model);

        /** Closes what is open of it. Blocks. */
        void close(LazyModel model);
    }

    /** A request that waits. Leaves the set once, by whoever takes it out. */
    private record Waiting(InferenceRequest request, ResponseSender sender) {
        @Override
        public boolean equals(@Nullable Object other) {
            return this == other;
        }

        @Override
        public int hashCode() {
            return System.identityHashCode(this);
        }
    }

    @Override
    public ModelConfig config() {
        return config;
    }

    @Override
    public long version() {
        return version;
    }

    @Override
    public long pending() {
        OpenModel now = open;
        return waitingForEngine() + (now == null ? 0 : now.model().pending());
    }

    @Override
    public List<RunningBatch> running() {
        OpenModel now = open;
        return now == null ? List.of() : now.model().running();
    }

    private int waitingForEngine() {
        lock.lock();
        try {
            return waiting.size();
        } finally {
            lock.unlock();
        }
    }

    /** When it was last asked, in nanoseconds of {@link System#nanoTime}. */
    long lastUsed() {
        return lastUsed;
    }

    /** What is open of it; null if nothing is. */
    @Nullable OpenModel open() {
        return open;
    }

    @Override
    public void infer(@Owned InferenceRequest request, ResponseSender sender) {
        lastUsed = System.nanoTime();
        OpenModel now = open;
        if (now != null && now.tryHold()) {
            now.infer(request, sender);
            return;
        }
        await(new Waiting(request, sender));
    }

    private void await(Waiting asked) {
        boolean toOpen = false;
        @Nullable OpenModel now = null;
        @Nullable StatusException refusal = null;
        lock.lock();
        try {
            now = open;
            if (now != null && now.tryHold()) {
                // It was opened in between.
            } else if (ended) {
                refusal = stopping();
            } else if (waiting.size() >= CAPACITY) {
                refusal = unavailable("is being loaded, and " + CAPACITY + " requests wait for it");
            } else {
                now = null;
                waiting.add(asked);
                toOpen = !opening;
                opening = true;
            }
        } finally {
            lock.unlock();
        }
        if (refusal != null) {
            refuse(asked, refusal);
        } else if (now != null) {
            now.infer(asked.request(), asked.sender());
        } else {
            asked.request().onCancel(() -> leave(asked, () -> cancelled(asked)));
            timer.schedule(patience.toNanos(), () -> leave(asked, this::tooLate));
        }
        if (toOpen) {
            opener.open(this);
        }
    }

    private static StatusException stopping() {
        return new StatusException(
                StatusCode.UNAVAILABLE,
                "Server is stopping, scheduler for model has stopped accepting new inference"
                        + " requests");
    }

    private static StatusException cancelled(Waiting asked) {
        return asked.request().cancellation().orElseThrow();
    }

    private StatusException tooLate() {
        return unavailable(
                "is being loaded, which takes longer than " + patience.toSeconds() + " s");
    }

    private StatusException unavailable(String why) {
        return StatusException.retryLater(
                "model '" + config.name() + "' " + why + "; try again later", RETRY_AFTER_SECONDS);
    }

    private void leave(Waiting asked, Supplier<StatusException> reason) {
        boolean left;
        lock.lock();
        try {
            left = waiting.remove(asked);
        } finally {
            lock.unlock();
        }
        if (left) {
            refuse(asked, reason.get());
        }
    }

    private static void refuse(Waiting asked, StatusException reason) {
        asked.request().close();
        asked.sender().fail(reason);
    }

    /**
     * Its engine is open: requests that wait go on.
     *
     * @return false if the version has been closed in the meantime; the engine stays the caller's
     */
    boolean opened(OpenModel model) {
        List<Waiting> ready = List.of();
        boolean taken;
        lock.lock();
        try {
            taken = !ended;
            if (taken) {
                ready = new ArrayList<>(waiting);
                waiting.clear();
                ready.forEach(_ -> model.hold());
                open = model;
            }
        } finally {
            lock.unlock();
        }
        ready.forEach(asked -> model.infer(asked.request(), asked.sender()));
        return taken;
    }

    /** What opened it has done all that belongs to it. */
    void openingEnded() {
        lock.lock();
        try {
            opening = false;
            opened.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Its engine cannot be opened: requests that wait are refused, the next one tries again. */
    void failed(StatusException reason) {
        openingEnded();
        refuseAll(reason);
    }

    private void refuseAll(StatusException reason) {
        List<Waiting> refused;
        lock.lock();
        try {
            refused = new ArrayList<>(waiting);
            waiting.clear();
        } finally {
            lock.unlock();
        }
        refused.forEach(asked -> refuse(asked, reason));
    }

    /** Takes the open engine away from requests to come; null if there is none. */
    @Nullable OpenModel takeOut() {
        lock.lock();
        try {
            OpenModel taken = open;
            open = null;
            return taken;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {
        lock.lock();
        try {
            ended = true;
        } finally {
            lock.unlock();
        }
        refuseAll(stopping());
        lock.lock();
        try {
            while (opening) {
                opened.awaitUninterruptibly();
            }
        } finally {
            lock.unlock();
        }
        opener.close(this);
    }

    /** An engine that is open, and a count of the requests in it. */
    static final class OpenModel {
        private final Model model;
        private final long bytes;
        private final Runnable afterClose;
        private final Holds holds = new Holds();

        /**
         * @param bytes that it takes
         * @param afterClose run when it has been closed
         */
        OpenModel(@Owned Model model, long bytes, Runnable afterClose) {
            this.model = model;
            this.bytes = bytes;
            this.afterClose = afterClose;
        }

        Model model() {
            return model;
        }

        long bytes() {
            return bytes;
        }

        boolean isIdle() {
            return holds.isIdle();
        }

        /** Counts a request in; false if the model is on its way out. */
        boolean tryHold() {
            return holds.tryAdd();
        }

        private void hold() {
            if (!holds.tryAdd()) {
                throw new IllegalStateException("a model that was just opened is closed");
            }
        }

        /** Asks the engine; the request was counted in. */
        private void infer(@Owned InferenceRequest request, ResponseSender sender) {
            model.infer(request, new Counting(sender, holds));
        }

        /** Waits for the requests in it, then closes it. Called on: control threads. */
        void close() {
            holds.endAndAwait();
            model.close();
            afterClose.run();
        }
    }

    /** Counts a request out when it has ended. */
    private record Counting(ResponseSender next, Holds holds) implements ResponseSender {
        @Override
        public void send(@Owned InferenceResponse response, boolean last) {
            next.send(response, last);
            if (last) {
                holds.remove();
            }
        }

        @Override
        public void complete() {
            next.complete();
            holds.remove();
        }

        @Override
        public void fail(StatusException status) {
            next.fail(status);
            holds.remove();
        }
    }
}
