package io.nereid.server.statistics;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;

/**
 * The share of the instances' time in which they executed, over the last seconds. One thread looks
 * from time to time; what it saw may be read from any.
 */
final class Utilization {
    /** Long enough to smooth a few requests, short enough for an autoscaler to see a change. */
    static final long WINDOW_NANOS = TimeUnit.SECONDS.toNanos(10);

    /** More looks than this in a window are not kept. */
    private static final int LOOKS = 20;

    /**
     * What was seen.
     *
     * @param busyNanos time in which instances executed, until then
     * @param allNanos time that instances had, until then
     */
    private record Look(long nanos, long busyNanos, long allNanos) {}

    // Of the one thread that looks.
    private final Deque<Look> looks = new ArrayDeque<>();

    private volatile double share;

    /** Notes what the instances have done until now. */
    void look(long nowNanos, InstanceUse use) {
        if (looks.isEmpty()) {
            looks.add(new Look(nowNanos, use.busyNanos(), 0));
            return;
        }
        Look last = looks.getLast();
        long passed = nowNanos - last.nanos();
        if (passed < WINDOW_NANOS / LOOKS) {
            return;
        }
        Look now = new Look(nowNanos, use.busyNanos(), last.allNanos() + passed * use.instances());
        looks.add(now);
        dropOld(nowNanos);
        Look first = looks.getFirst();
        long all = now.allNanos() - first.allNanos();
        double busy = all == 0 ? 0 : (double) (now.busyNanos() - first.busyNanos()) / all;
        share = Math.clamp(busy, 0, 1);
    }

    /** Keeps one that is as old as the window, from which it begins. */
    private void dropOld(long nowNanos) {
        while (true) {
            Look first = looks.removeFirst();
            if (looks.size() < 2 || nowNanos - looks.getFirst().nanos() < WINDOW_NANOS) {
                looks.addFirst(first);
                return;
            }
        }
    }

    /** 0 for idle to 1 for all instances busy all the time. */
    double share() {
        return share;
    }
}
