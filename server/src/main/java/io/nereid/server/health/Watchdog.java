package io.nereid.server.health;

import io.nereid.backend.RunningBatch;
import io.nereid.server.statistics.OpenVersion;
import io.nereid.server.statistics.OpenVersions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds instances that execute the same batch for longer than any should. Each is reported once,
 * with the stack of its thread, and once more when it goes on. {@link #look} is called by one
 * thread; what was found may be read from any.
 */
public final class Watchdog {
    private static final Logger log = LoggerFactory.getLogger(Watchdog.class);

    private final OpenVersions versions;
    private final long limitNanos;
    private final LongSupplier nanoTime;
    private volatile List<StuckInstance> stuck = List.of();

    /**
     * @param versions where to look
     * @param limit how long a batch may take
     * @param nanoTime clock in nanoseconds, as {@link System#nanoTime}
     */
    public Watchdog(OpenVersions versions, Duration limit, LongSupplier nanoTime) {
        this.versions = versions;
        this.limitNanos = limit.toNanos();
        this.nanoTime = nanoTime;
    }

    /** What was stuck at the last look. */
    public List<StuckInstance> stuck() {
        return stuck;
    }

    /** Looks once. */
    public void look() {
        List<StuckInstance> found = new ArrayList<>();
        for (OpenVersion version : versions.all()) {
            List<StuckInstance> here = stuckOf(version);
            version.setStuckInstances(here.size());
            found.addAll(here);
        }
        List<StuckInstance> before = stuck;
        stuck = List.copyOf(found);
        found.stream().filter(each -> isNew(each, before)).forEach(Watchdog::report);
        before.stream().filter(each -> isNew(each, found)).forEach(Watchdog::reportEnd);
    }

    private List<StuckInstance> stuckOf(OpenVersion version) {
        List<StuckInstance> here = new ArrayList<>();
        for (RunningBatch batch : version.running()) {
            long nanos = nanoTime.getAsLong() - batch.sinceNanos();
            if (nanos > limitNanos) {
                here.add(
                        new StuckInstance(
                                version.name(),
                                version.number(),
                                batch,
                                TimeUnit.NANOSECONDS.toSeconds(nanos)));
            }
        }
        return here;
    }

    private static boolean isNew(StuckInstance one, List<StuckInstance> known) {
        return known.stream().noneMatch(one::isSame);
    }

    private static void report(StuckInstance found) {
        Thread thread = found.batch().thread();
        Throwable stack = new Throwable("this is where " + thread.getName() + " is");
        stack.setStackTrace(thread.getStackTrace());
        log.error("{}", found.describe(), stack);
    }

    private static void reportEnd(StuckInstance gone) {
        log.warn(
                "model '{}' version {}: instance '{}' is no longer stuck",
                gone.model(),
                gone.version(),
                gone.batch().instance());
    }
}
