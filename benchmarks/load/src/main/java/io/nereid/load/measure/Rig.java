package io.nereid.load.measure;

import io.nereid.load.client.Loop;
import io.nereid.load.pace.Driver;
import io.nereid.load.pace.DriverPlan;
import io.nereid.load.pace.LoopClock;
import io.nereid.load.pace.Schedule;
import io.nereid.load.pace.Tally;
import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;

/** A load on all loops. Used by the main thread. */
final class Rig implements AutoCloseable {
    private static final long OPEN_SECONDS = 30;
    private static final long QUIET_SECONDS = 10;
    private static final double NANOS = 1e9;

    /** Lanes that an open loop begins with; more are opened when all of them are busy. */
    private static final int FIRST_LANES = 4;

    private record Seat(Loop loop, Driver driver) {}

    private final Load load;
    private final List<Seat> seats = new ArrayList<>();
    private final SplittableRandom random;

    private Rig(Load load, SplittableRandom random) {
        this.load = load;
        this.random = random;
    }

    /**
     * Opens the lanes for a load.
     *
     * @param budget number of requests, {@link DriverPlan#UNLIMITED} to go on until it is closed
     * @throws StatusException UNAVAILABLE if a lane cannot be opened
     */
    static Rig open(Load load, Lanes lanes, long budget, SplittableRandom random) {
        Rig rig = new Rig(load, random);
        int total = lanesAtFirst(load, lanes);
        int loops = Math.min(total, lanes.loops().size());
        int first = 0;
        for (int i = 0; i < loops; i++) {
            int count = share(total, loops, i);
            int offset = first;
            DriverPlan plan =
                    new DriverPlan(
                            count,
                            Math.max(count, share(lanesAtMost(load, lanes), loops, i)),
                            budget == DriverPlan.UNLIMITED
                                    ? budget
                                    : budget / loops + (i < budget % loops ? 1 : 0),
                            lane -> lanes.courses().apply(offset + lane));
            Loop loop = lanes.loops().get(i);
            rig.seats.add(
                    new Seat(
                            loop,
                            new Driver(
                                    plan,
                                    opening -> lanes.transport().openLane(loop, opening),
                                    clock(loop))));
            first += count;
        }
        boolean complete = false;
        try {
            rig.awaitLanes();
            complete = true;
            return rig;
        } finally {
            if (!complete) {
                rig.close();
            }
        }
    }

    /** Sends from now on. */
    void start() {
        long now = System.nanoTime();
        for (int i = 0; i < seats.size(); i++) {
            Seat seat = seats.get(i);
            Schedule schedule = schedule(now, i);
            seat.loop().execute(() -> seat.driver().start(schedule));
        }
    }

    private Schedule schedule(long now, int index) {
        return switch (load) {
            case Load.Concurrency _ -> Schedule.asap();
            case Load.Rate(double rate, boolean poisson) -> {
                double part = rate / seats.size();
                // Requests of different loops take turns.
                long start = now - (long) (NANOS / rate * index);
                yield poisson
                        ? Schedule.poisson(now, part, random.split())
                        : Schedule.constant(start, part);
            }
        };
    }

    /** What was counted since the last time. */
    Tally swap() {
        Tally sum = new Tally();
        ask(Driver::swap).forEach(sum::add);
        return sum;
    }

    /** How long the oldest request that is due has been waiting. */
    long behindNanos() {
        return ask(Driver::behindNanos).stream().mapToLong(Long::longValue).max().orElse(0);
    }

    /** Number of requests that have ended so far. */
    long answers() {
        return seats.stream().mapToLong(seat -> seat.driver().answers()).sum();
    }

    /** Waits until the budget is used up and all has ended, or for a time. */
    boolean awaitEnd(long nanos) {
        return await(all(seat -> seat.driver().ended()), nanos);
    }

    /** Ends sequences and what is under way, then closes the lanes. */
    @Override
    public void close() {
        for (Seat seat : seats) {
            seat.loop().execute(seat.driver()::stop);
        }
        boolean _ =
                await(all(seat -> seat.driver().quiet()), TimeUnit.SECONDS.toNanos(QUIET_SECONDS));
        List<CompletableFuture<Void>> closed =
                seats.stream()
                        .map(seat ->
                                CompletableFuture.runAsync(
                                        seat.driver()::close, seat.loop()::execute))
                        .toList();
        CompletableFuture.allOf(closed.toArray(CompletableFuture[]::new)).join();
    }

    private void awaitLanes() {
        for (Seat seat : seats) {
            seat.loop().execute(seat.driver()::open);
        }
        try {
            if (!await(
                    all(seat -> seat.driver().opened()), TimeUnit.SECONDS.toNanos(OPEN_SECONDS))) {
                throw new StatusException(
                        StatusCode.UNAVAILABLE,
                        "connections were not there after " + OPEN_SECONDS + " s");
            }
        } catch (CompletionException e) {
            Throwable cause = e.getCause();
            throw new StatusException(
                    StatusCode.UNAVAILABLE,
                    String.valueOf(cause == null ? e.getMessage() : cause.getMessage()),
                    e);
        }
    }

    private CompletableFuture<Void> all(Function<Seat, CompletableFuture<Void>> part) {
        return CompletableFuture.allOf(seats.stream().map(part).toArray(CompletableFuture[]::new));
    }

    private static boolean await(CompletableFuture<Void> what, long nanos) {
        try {
            what.get(nanos, TimeUnit.NANOSECONDS);
            return true;
        } catch (TimeoutException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StatusException(StatusCode.CANCELLED, "interrupted", e);
        } catch (java.util.concurrent.ExecutionException e) {
            throw new CompletionException(e.getCause());
        }
    }

    private <T> List<T> ask(Function<Driver, T> question) {
        List<CompletableFuture<T>> answers =
                seats.stream()
                        .map(seat ->
                                CompletableFuture.supplyAsync(
                                        () -> question.apply(seat.driver()), seat.loop()::execute))
                        .toList();
        return answers.stream().map(CompletableFuture::join).toList();
    }

    private static int lanesAtFirst(Load load, Lanes lanes) {
        return switch (load) {
            case Load.Concurrency(int requests) -> requests;
            case Load.Rate _ ->
                    lanes.sequences()
                            .orElse(Math.min(lanes.most(), FIRST_LANES * lanes.loops().size()));
        };
    }

    private static int lanesAtMost(Load load, Lanes lanes) {
        return switch (load) {
            case Load.Concurrency(int requests) -> requests;
            case Load.Rate _ -> lanes.sequences().orElse(lanes.most());
        };
    }

    private static int share(int total, int parts, int index) {
        return total / parts + (index < total % parts ? 1 : 0);
    }

    private static LoopClock clock(Loop loop) {
        return new LoopClock() {
            @Override
            public long nanoTime() {
                return System.nanoTime();
            }

            @Override
            public void after(long delayNanos, Runnable task) {
                loop.schedule(delayNanos, task);
            }
        };
    }
}
