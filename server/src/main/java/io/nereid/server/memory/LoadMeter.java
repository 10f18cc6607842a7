package io.nereid.server.memory;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;

/**
 * Finds out how much memory each of several loads takes that run at the same time: what is taken
 * while some run is divided among them by their weights. Any thread.
 */
final class LoadMeter {
    private final LongSupplier memory;
    private final ReentrantLock lock = new ReentrantLock();

    @GuardedBy("lock")
    private final Map<Load, Double> shares = new HashMap<>();

    @GuardedBy("lock")
    private long last;

    /**
     * @param memory bytes in use
     */
    LoadMeter(LongSupplier memory) {
        this.memory = memory;
    }

    /** A load that runs. */
    final class Load implements AutoCloseable {
        private final double weight;

        private Load(double weight) {
            this.weight = weight;
        }

        /** Bytes that it has taken so far; 0 if more were freed than taken. */
        long bytes() {
            lock.lock();
            try {
                divide();
                return Math.max(0, Math.round(shares.getOrDefault(this, 0.0)));
            } finally {
                lock.unlock();
            }
        }

        /** Ends it. */
        @Override
        public void close() {
            lock.lock();
            try {
                divide();
                shares.remove(this);
            } finally {
                lock.unlock();
            }
        }
    }

    /**
     * Begins a load.
     *
     * @param weight bytes that it is expected to take; only their ratio counts
     */
    Load begin(long weight) {
        lock.lock();
        try {
            divide();
            Load load = new Load(Math.max(1, weight));
            shares.put(load, 0.0);
            return load;
        } finally {
            lock.unlock();
        }
    }

    @GuardedBy("lock")
    private void divide() {
        long now = memory.getAsLong();
        double taken = now - last;
        last = now;
        double weights = shares.keySet().stream().mapToDouble(load -> load.weight).sum();
        shares.replaceAll((load, share) -> share + taken * load.weight / weights);
    }
}
