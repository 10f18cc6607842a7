package io.nereid.load.measure;

import io.nereid.load.measure.LevelResult.Verdict;
import io.nereid.load.pace.DriverPlan;
import io.nereid.load.pace.Tally;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.LongPredicate;

/** Measures one load after the other. Used by the main thread. */
public final class Measurement {
    private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(200);
    private static final long SHORTEST_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final Lanes lanes;
    private final ServerCounters counters;
    private final Windows options;
    private final Watcher watcher;
    private final SplittableRandom random;
    private final Stability stability;

    /** Measures with those lanes and that patience. */
    public Measurement(
            Lanes lanes,
            ServerCounters counters,
            Windows options,
            Watcher watcher,
            SplittableRandom random) {
        this.lanes = lanes;
        this.counters = counters;
        this.options = options;
        this.watcher = watcher;
        this.random = random;
        this.stability = new Stability(options);
    }

    /** Keeps a load up until enough is known of it. */
    LevelResult measure(Load load) {
        warmUp(load);
        LevelResult result =
                options.totalRequests().isPresent()
                        ? requests(load, options.totalRequests().getAsLong())
                        : windows(load);
        watcher.finished(result);
        return result;
    }

    /** Whether more load than this makes no sense. */
    boolean isTooSlow(LevelResult result) {
        return stability.exceeds(result.window());
    }

    /**
     * Sends one request.
     *
     * @return what is wrong with it, if anything is
     */
    public Optional<String> tryOne() {
        Load one = new Load.Concurrency(1);
        try (Rig rig = Rig.open(one, lanes, 1, random)) {
            rig.start();
            watch(one, rig, 0, _ -> false);
            return rig.swap().failures().keySet().stream().findFirst();
        }
    }

    private void warmUp(Load load) {
        if (options.warmupRequests() > 0) {
            try (Rig rig = Rig.open(load, lanes, options.warmupRequests(), random)) {
                rig.start();
                watch(load, rig, 0, _ -> false);
            }
        }
    }

    private LevelResult requests(Load load, long total) {
        try (Rig rig = Rig.open(load, lanes, total, random)) {
            Optional<ServerSplit> before = counters.read();
            long start = System.nanoTime();
            rig.start();
            watch(load, rig, 1, _ -> false);
            Window window = window(rig, start, System.nanoTime(), before);
            watcher.measured(load, 1, window);
            return LevelResult.of(
                    load,
                    List.of(window),
                    window.tally().count() == 0 ? Verdict.NOTHING : Verdict.COMPLETE);
        }
    }

    private LevelResult windows(Load load) {
        List<Window> windows = new ArrayList<>();
        try (Rig rig = Rig.open(load, lanes, DriverPlan.UNLIMITED, random)) {
            rig.start();
            while (true) {
                Window window = window(load, rig, windows.size() + 1);
                windows.add(window);
                watcher.measured(load, windows.size(), window);
                if (window.tally().count() == 0) {
                    return LevelResult.of(load, windows, Verdict.NOTHING);
                }
                if (stability.isReached(windows)) {
                    return LevelResult.of(load, windows, Verdict.STABLE);
                }
                if (stability.isTooSlow(windows)) {
                    return LevelResult.of(load, windows, Verdict.TOO_SLOW);
                }
                if (windows.size() >= options.maxTrials()) {
                    return LevelResult.of(load, windows, Verdict.UNSTABLE);
                }
            }
        }
    }

    private Window window(Load load, Rig rig, int number) {
        Optional<ServerSplit> before = counters.read();
        Tally _ = rig.swap();
        long start = System.nanoTime();
        long answersBefore = rig.answers();
        watch(load, rig, number, nanos -> isOver(nanos, rig.answers() - answersBefore));
        return window(rig, start, System.nanoTime(), before);
    }

    private boolean isOver(long nanos, long answers) {
        return switch (options.mode()) {
            case TIME_WINDOWS -> nanos >= TimeUnit.MILLISECONDS.toNanos(options.intervalMillis());
            case COUNT_WINDOWS -> nanos >= SHORTEST_NANOS && answers >= options.requestCount();
        };
    }

    private Window window(Rig rig, long start, long end, Optional<ServerSplit> before) {
        long behind = rig.behindNanos();
        Tally tally = rig.swap();
        ServerSplit server =
                before.flatMap(earlier -> counters.read().map(later -> later.since(earlier)))
                        .orElse(ServerSplit.NONE);
        return new Window(tally, end - start, server, behind);
    }

    /** Waits until all has been sent and answered, or until it is over. */
    private void watch(Load load, Rig rig, int number, LongPredicate over) {
        long start = System.nanoTime();
        long answersBefore = rig.answers();
        while (!over.test(System.nanoTime() - start) && !rig.awaitEnd(untilNextLook(start))) {
            watcher.progress(
                    load, number, System.nanoTime() - start, rig.answers() - answersBefore);
        }
    }

    /** Looks come at even distances, and one where a window of time ends. */
    private long untilNextLook(long start) {
        long elapsed = System.nanoTime() - start;
        long end = TimeUnit.MILLISECONDS.toNanos(options.intervalMillis());
        return elapsed < end ? Math.clamp(end - elapsed, 1, LOOK_NANOS) : LOOK_NANOS;
    }
}
