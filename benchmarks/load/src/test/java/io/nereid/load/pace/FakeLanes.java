package io.nereid.load.pace;

import io.nereid.load.client.Lane;
import io.nereid.load.client.ReplyListener;
import io.nereid.load.client.SequenceStep;
import io.nereid.load.client.Transport;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.PriorityQueue;

/** Lanes that a test answers by hand, and a clock that it turns. */
final class FakeLanes implements LaneSource, LoopClock {
    /** A request that waits for its answer. */
    record Pending(long sentAt, int request, Optional<SequenceStep> step, ReplyListener listener) {}

    private record Alarm(long time, Runnable task) {}

    final List<Pending> sent = new ArrayList<>();
    final Deque<Pending> pending = new ArrayDeque<>();
    final Deque<Transport.Opening> openings = new ArrayDeque<>();
    private final PriorityQueue<Alarm> alarms =
            new PriorityQueue<>(Comparator.comparingLong(Alarm::time));
    boolean refuseToOpen;
    boolean openSlowly;
    int opened;
    int closed;
    long now;

    @Override
    public void open(Transport.Opening opening) {
        if (openSlowly) {
            openings.add(opening);
        } else if (refuseToOpen) {
            opening.refused("connection refused");
        } else {
            opened++;
            opening.opened(new FakeLane());
        }
    }

    /** Completes the lane that has been asked for first. */
    void openNext() {
        opened++;
        openings.remove().opened(new FakeLane());
    }

    @Override
    public long nanoTime() {
        return now;
    }

    @Override
    public void after(long delayNanos, Runnable task) {
        alarms.add(new Alarm(now + delayNanos, task));
    }

    /** Lets time go by; what was to happen meanwhile happens at its moment. */
    void advanceTo(long time) {
        while (!alarms.isEmpty() && alarms.peek().time() <= time) {
            Alarm alarm = alarms.remove();
            now = Math.max(now, alarm.time());
            alarm.task().run();
        }
        now = time;
    }

    /** Answers the request that has waited longest. */
    void answer() {
        pending.remove().listener().succeeded(now, now, now, 1);
    }

    /** Refuses it, or breaks its connection. */
    void fail(boolean answered) {
        pending.remove().listener().failed("broken", answered);
    }

    private final class FakeLane implements Lane {
        @Override
        public void send(int request, Optional<SequenceStep> step, ReplyListener listener) {
            Pending one = new Pending(now, request, step, listener);
            sent.add(one);
            pending.add(one);
        }

        @Override
        public void close() {
            closed++;
        }
    }
}
