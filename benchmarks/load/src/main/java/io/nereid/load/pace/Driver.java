package io.nereid.load.pace;

import io.nereid.load.client.Lane;
import io.nereid.load.client.ReplyListener;
import io.nereid.load.client.Transport;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Sends requests on the lanes of one loop. A request that is due takes an idle lane; if there is
 * none it waits, and what it waits counts, since its latency begins when it was meant to be sent.
 * Nothing is kept for those that wait: the schedule stands still at the first of them.
 *
 * <p>All methods but the constructor are called on the loop; {@link #ended()} {@link #opened()},
 * {@link #quiet()} and {@link #answers} from any thread.
 */
public final class Driver {
    /** How long a lane rests whose connection failed, so that a dead server is not hammered. */
    private static final long REST_NANOS = 20_000_000;

    private final DriverPlan plan;
    private final LaneSource source;
    private final LoopClock clock;
    private final CompletableFuture<Void> opened = new CompletableFuture<>();
    private final CompletableFuture<Void> ended = new CompletableFuture<>();
    private final CompletableFuture<Void> quiet = new CompletableFuture<>();
    private final Deque<Seat> idle = new ArrayDeque<>();
    private final List<Lane> lanes = new ArrayList<>();
    private Tally tally = new Tally();
    private Optional<String> refusal = Optional.empty();
    private long left;
    private int opening;
    private int busy;
    private int seats;
    private long alarm = Long.MAX_VALUE;
    private Schedule schedule = Schedule.asap();
    private boolean running;
    private boolean stopping;

    /** Written by the loop alone; others look on. */
    private final AtomicLong answers = new AtomicLong();

    /** A driver that does nothing before {@link #open}. */
    public Driver(DriverPlan plan, LaneSource source, LoopClock clock) {
        this.plan = plan;
        this.source = source;
        this.clock = clock;
        this.left = plan.budget();
    }

    /** Opens the first lanes; {@link #opened} tells when they are there. */
    public void open() {
        for (int i = 0; i < plan.firstLanes(); i++) {
            openLane();
        }
    }

    /** Sends what is due from now on. */
    public void start(Schedule when) {
        schedule = when;
        running = true;
        pump();
    }

    /** Sends no more than what ends the sequences that are under way. */
    public void stop() {
        stopping = true;
        left = 0;
        List<Seat> unfinished = idle.stream().filter(seat -> seat.course.isOpen()).toList();
        idle.removeAll(unfinished);
        unfinished.forEach(Seat::finish);
        endIfDone();
    }

    /** Closes all lanes, whatever is under way. */
    public void close() {
        running = false;
        stopping = true;
        lanes.forEach(Lane::close);
        ended.complete(null);
        quiet.complete(null);
    }

    /** Gives out what was counted, and begins anew. */
    public Tally swap() {
        Tally counted = tally;
        tally = new Tally();
        return counted;
    }

    /** How long the first request that is due has been waiting for a lane. */
    public long behindNanos() {
        if (!running || left == 0 || schedule.waitsForAnswers()) {
            return 0;
        }
        long now = clock.nanoTime();
        return Math.max(0, now - schedule.next(now));
    }

    /** Completes when the first lanes are there, or with what kept one from being opened. */
    public CompletableFuture<Void> opened() {
        return opened;
    }

    /** Completes when the budget is used up and every request has ended. */
    public CompletableFuture<Void> ended() {
        return ended;
    }

    /** Completes after {@link #stop}, when nothing is under way any more. */
    public CompletableFuture<Void> quiet() {
        return quiet;
    }

    /** Number of requests that have ended so far. */
    public long answers() {
        return answers.getAcquire();
    }

    private void openLane() {
        opening++;
        source.open(
                new Transport.Opening() {
                    @Override
                    public void opened(Lane lane) {
                        take(lane);
                    }

                    @Override
                    public void refused(String reason) {
                        opening--;
                        refusal = Optional.of(reason);
                        reportOpened();
                        clock.after(REST_NANOS, Driver.this::pump);
                    }
                });
    }

    private void take(Lane lane) {
        opening--;
        lanes.add(lane);
        if (stopping) {
            lane.close();
            return;
        }
        idle.push(new Seat(lane, plan.courses().apply(seats++)));
        reportOpened();
        pump();
    }

    private void reportOpened() {
        if (opening > 0 || opened.isDone()) {
            return;
        }
        if (refusal.isPresent()) {
            opened.completeExceptionally(new IllegalStateException(refusal.get()));
        } else {
            opened.complete(null);
        }
    }

    /** Sends all that is due, and sees to it that what comes next is not forgotten. */
    private void pump() {
        if (!running || stopping) {
            return;
        }
        long now = clock.nanoTime();
        while (left > 0 && !idle.isEmpty() && schedule.next(now) <= now) {
            long planned = schedule.next(now);
            schedule.advance();
            left--;
            busy++;
            Seat seat = idle.pop();
            seat.send(planned, now, seat.course.next(), true);
            now = clock.nanoTime();
        }
        if (left == 0) {
            endIfDone();
        } else if (idle.isEmpty()) {
            growIf(schedule.next(now) <= now);
        } else if (!schedule.waitsForAnswers()) {
            wakeAt(schedule.next(now), now);
        }
    }

    private void growIf(boolean due) {
        if (due && opening == 0 && seats < plan.mostLanes() && !schedule.waitsForAnswers()) {
            openLane();
        } else if (!due) {
            long now = clock.nanoTime();
            wakeAt(schedule.next(now), now);
        }
    }

    private void wakeAt(long time, long now) {
        if (alarm == time) {
            return;
        }
        alarm = time;
        clock.after(
                Math.max(0, time - now),
                () -> {
                    if (alarm == time) {
                        alarm = Long.MAX_VALUE;
                    }
                    pump();
                });
    }

    private void endIfDone() {
        if (busy > 0 || left > 0) {
            return;
        }
        ended.complete(null);
        if (stopping) {
            quiet.complete(null);
        }
    }

    /** A lane with what it sends and the request that it is busy with. */
    private final class Seat implements ReplyListener {
        private final Lane lane;
        private final Course course;
        private long planned;
        private long begun;
        private boolean counted;

        Seat(Lane lane, Course course) {
            this.lane = lane;
            this.course = course;
        }

        void send(long meant, long now, Turn turn, boolean counts) {
            planned = meant;
            begun = now;
            counted = counts;
            lane.send(turn.request(), turn.step(), this);
        }

        /** Ends the sequence that it is in, which nobody counts. */
        void finish() {
            busy++;
            long now = clock.nanoTime();
            send(now, now, course.last(), false);
        }

        @Override
        public void succeeded(long sentNanos, long firstNanos, long endNanos, int responses) {
            if (counted) {
                tally.succeeded(
                        endNanos - planned, sentNanos - begun, endNanos - firstNanos, responses);
            }
            rest(0);
        }

        @Override
        public void failed(String reason, boolean answered) {
            if (counted) {
                tally.failed(reason);
            }
            course.abandon();
            rest(answered ? 0 : REST_NANOS);
        }

        private void rest(long nanos) {
            answers.setRelease(answers.getPlain() + 1);
            busy--;
            if (stopping && course.isOpen()) {
                finish();
                return;
            }
            if (nanos > 0 && !stopping) {
                clock.after(nanos, this::beIdle);
            } else {
                beIdle();
            }
        }

        private void beIdle() {
            idle.push(this);
            if (stopping) {
                endIfDone();
            } else {
                pump();
            }
        }
    }
}
