package io.nereid.repository;

import java.time.Duration;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Decides what to do with what is seen in repositories that are watched: a change is acted on once
 * it has stayed the same for a while, and what failed is tried again less and less often. Knows
 * neither files nor clocks, both are told. One thread.
 */
final class ModelWatch {
    /** Longest time between two attempts. */
    static final Duration LONGEST_BACK_OFF = Duration.ofMinutes(5);

    /** Enough to reach the longest time from any first one, and no overflow. */
    private static final int MOST_DOUBLINGS = 16;

    private final PollOptions options;
    private final SortedMap<String, Watched> models = new TreeMap<>();

    ModelWatch(PollOptions options) {
        this.options = options;
    }

    /** What is seen of a model. */
    sealed interface Sight {
        /**
         * It lies in one place.
         *
         * @param state how its files look
         */
        record Present(DirectoryState state) implements Sight {}

        /** It lies in several repositories. */
        record Ambiguous() implements Sight {}

        /** It lies nowhere. */
        record Gone() implements Sight {}
    }

    /**
     * What is to be done now.
     *
     * @param load models to load
     * @param quiet files of all models that nobody is writing, as they were seen
     * @param unload models to unload
     * @param reasons why, by model
     * @param waiting models that have changed and are not quiet yet
     * @param nextLook when to look again at the latest
     */
    record Decision(
            SortedSet<String> load,
            SortedMap<String, DirectoryState> quiet,
            SortedSet<String> unload,
            Map<String, String> reasons,
            SortedSet<String> waiting,
            long nextLook) {}

    private static final class Watched {
        /** What was last acted on. */
        private @Nullable Sight settled;

        private @Nullable Sight pending;
        private long pendingSince;
        private int failures;
        private long retryAt;
    }

    /**
     * Looks at all models.
     *
     * @param seen models that lie somewhere, by identifier
     * @param unknown models of which nothing can be said now, because their repository cannot be
     *     read
     * @param wanted which models are to be served; of the others it is only seen whether they are
     *     quiet
     * @param now time in nanoseconds
     */
    Decision look(
            Map<String, Sight> seen,
            Collection<String> unknown,
            Predicate<String> wanted,
            long now) {
        Decision decision =
                new Decision(
                        new TreeSet<>(),
                        new TreeMap<>(),
                        new TreeSet<>(),
                        new LinkedHashMap<>(),
                        new TreeSet<>(),
                        now + options.interval().toNanos());
        Set<String> ids = new TreeSet<>(models.keySet());
        ids.addAll(seen.keySet());
        ids.removeAll(new HashSet<>(unknown));
        long nextLook = decision.nextLook();
        for (String id : ids) {
            Sight sight = seen.getOrDefault(id, new Sight.Gone());
            OptionalLong next = look(id, sight, wanted.test(id), now, decision);
            if (next.isPresent() && next.getAsLong() - nextLook < 0) {
                nextLook = next.getAsLong();
            }
        }
        return new Decision(
                decision.load(),
                decision.quiet(),
                decision.unload(),
                decision.reasons(),
                decision.waiting(),
                nextLook);
    }

    private OptionalLong look(String id, Sight sight, boolean wanted, long now, Decision decision) {
        Watched model = models.computeIfAbsent(id, _ -> new Watched());
        if (sight.equals(model.settled)) {
            model.pending = null;
            quiet(id, sight, decision);
            return retry(id, model, sight, now, decision);
        }
        if (model.settled == null && sight instanceof Sight.Gone) {
            models.remove(id);
            return OptionalLong.empty();
        }
        if (!sight.equals(model.pending)) {
            model.pending = sight;
            model.pendingSince = now;
        }
        OptionalLong quietAt = quietAt(model, sight, now);
        if (quietAt.isPresent()) {
            decision.waiting().add(id);
            return quietAt;
        }
        quiet(id, sight, decision);
        if (wanted) {
            act(id, model, sight, decision);
        }
        return OptionalLong.empty();
    }

    private static void quiet(String id, Sight sight, Decision decision) {
        if (sight instanceof Sight.Present(DirectoryState state)) {
            decision.quiet().put(id, state);
        }
    }

    /** When a change may be acted on; empty if now. */
    private OptionalLong quietAt(Watched model, Sight sight, long now) {
        Optional<String> marker = options.marker();
        if (marker.isPresent() && sight instanceof Sight.Present(DirectoryState state)) {
            return state.isMarkedBy(marker.get())
                    ? OptionalLong.empty()
                    : OptionalLong.of(now + options.interval().toNanos());
        }
        long quietAt = model.pendingSince + options.quiet().toNanos();
        return now - quietAt < 0 ? OptionalLong.of(quietAt) : OptionalLong.empty();
    }

    private void act(String id, Watched model, Sight sight, Decision decision) {
        switch (sight) {
            case Sight.Present(DirectoryState state) -> {
                decision.load().add(id);
                decision.reasons().put(id, changed(model.settled, state));
            }
            case Sight.Ambiguous() -> {
                decision.unload().add(id);
                decision.reasons().put(id, "is in two or more repositories, unloading it");
            }
            case Sight.Gone() -> {
                decision.unload().add(id);
                decision.reasons().put(id, "is gone from its repository, unloading it");
            }
        }
        settle(id, model, sight);
    }

    private static String changed(@Nullable Sight before, DirectoryState state) {
        return before instanceof Sight.Present(DirectoryState then)
                ? "has changed (" + state.differenceTo(then) + "), loading it again"
                : "is new in its repository, loading it";
    }

    private void settle(String id, Watched model, Sight sight) {
        if (sight instanceof Sight.Gone) {
            models.remove(id);
        }
        model.settled = sight;
        model.pending = null;
        model.failures = 0;
    }

    private OptionalLong retry(String id, Watched model, Sight sight, long now, Decision decision) {
        if (model.failures == 0 || !(sight instanceof Sight.Present)) {
            return OptionalLong.empty();
        }
        if (now - model.retryAt < 0) {
            return OptionalLong.of(model.retryAt);
        }
        decision.load().add(id);
        decision.reasons()
                .put(
                        id,
                        "could not be loaded "
                                + (model.failures == 1 ? "once" : model.failures + " times")
                                + ", trying again");
        return OptionalLong.empty();
    }

    /**
     * The first look: what has not changed for long counts as quiet already.
     *
     * @param now time in nanoseconds
     * @param sinceEpoch the same moment in nanoseconds since 1970, as files know it
     */
    void begin(Map<String, Sight> seen, long now, long sinceEpoch) {
        seen.forEach((id, sight) -> {
            if (sight instanceof Sight.Present(DirectoryState state)) {
                Watched model = models.computeIfAbsent(id, _ -> new Watched());
                model.pending = sight;
                model.pendingSince = now - Math.max(0, sinceEpoch - state.newest());
            }
        });
    }

    /** A model was loaded with these files because another one needs it. */
    void taken(String id, DirectoryState state) {
        Watched model = models.computeIfAbsent(id, _ -> new Watched());
        Sight sight = new Sight.Present(state);
        if (!sight.equals(model.settled)) {
            settle(id, model, sight);
        }
    }

    /**
     * A model was loaded, or could not be.
     *
     * @return how long it is left alone after a failure
     */
    Optional<Duration> tried(String id, boolean loaded, long now) {
        Watched model = models.get(id);
        if (model == null || loaded) {
            if (model != null) {
                model.failures = 0;
            }
            return Optional.empty();
        }
        Duration pause = backOff(model.failures);
        model.failures++;
        model.retryAt = now + pause.toNanos();
        return Optional.of(pause);
    }

    private Duration backOff(int failures) {
        long longest = Math.max(LONGEST_BACK_OFF.toNanos(), options.interval().toNanos());
        long first = Math.min(options.interval().toNanos(), longest);
        return Duration.ofNanos(Math.min(first << Math.min(failures, MOST_DOUBLINGS), longest));
    }
}
