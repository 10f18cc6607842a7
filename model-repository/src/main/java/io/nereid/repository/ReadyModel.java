package io.nereid.repository;

import io.nereid.backend.Model;
import io.nereid.backend.ModelLease;
import io.nereid.protocol.LabelLookup;
import io.nereid.protocol.Owned;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A version that answers, the names of its classes, and a count of those that hold it: the
 * repository while the version is in service, and every lease. The object is its own lease, so that
 * taking one allocates nothing. The count never rises again once it is 0, and nobody waits for it:
 * whoever ends the last hold runs what {@link #retire} was given. Lock-free, any thread.
 */
final class ReadyModel implements ModelLease {
    private final Model model;
    private final Map<String, List<String>> labels;
    private final Source source;
    private final AtomicLong holds = new AtomicLong(1);

    // Written before the repository's hold ends, read after the last one has.
    private volatile Runnable whenUnused = () -> {};

    /** What a model was read from. Called on: control threads. */
    interface Source {
        /** The model accepts no requests any more. */
        void outOfService();

        /** The model has been closed and needs nothing any more. */
        void released();
    }

    /**
     * Begins with one hold, the repository's.
     *
     * @param model closed by {@link #free}
     * @param labels labels by output, in the order of the classes
     * @param source what the model was read from
     */
    ReadyModel(@Owned Model model, Map<String, List<String>> labels, Source source) {
        this.model = model;
        this.labels = Map.copyOf(labels);
        this.source = source;
    }

    @Override
    public Model model() {
        return model;
    }

    /** The labels themselves, by output. */
    Map<String, List<String>> labelLists() {
        return labels;
    }

    @Override
    public LabelLookup labels() {
        return labels.isEmpty() ? LabelLookup.NONE : this::label;
    }

    /** Label of a class, from 0; empty if the output has no labels or not so many. */
    private Optional<String> label(String output, long index) {
        List<String> names = labels.getOrDefault(output, List.of());
        return index >= 0 && index < names.size()
                ? Optional.of(names.get((int) index))
                : Optional.empty();
    }

    /** Adds a hold, which {@link #close} ends; false if the last one has ended already. */
    boolean tryLease() {
        long now = holds.get();
        while (now > 0) {
            long seen = holds.compareAndExchange(now, now + 1);
            if (seen == now) {
                return true;
            }
            now = seen;
        }
        return false;
    }

    /**
     * Ends the repository's hold: the version goes out of service. Called on: control threads.
     *
     * @param whenUnused run once when nobody holds the model any more, on the thread that ends the
     *     last hold; must not block
     */
    void retire(Runnable whenUnused) {
        this.whenUnused = whenUnused;
        source.outOfService();
        close();
    }

    /** Ends a hold. */
    @Override
    public void close() {
        long left = holds.decrementAndGet();
        if (left < 0) {
            throw new IllegalStateException(
                    "lease of '" + model.config().name() + "' ended more than once");
        }
        if (left == 0) {
            whenUnused.run();
        }
    }

    /** Closes the model. Blocks; called once, after the last hold has ended or before the first. */
    void free() {
        try {
            model.close();
        } finally {
            source.released();
        }
    }
}
