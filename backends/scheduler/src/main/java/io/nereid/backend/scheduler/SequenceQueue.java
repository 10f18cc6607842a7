package io.nereid.backend.scheduler;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.nereid.backend.Batch;
import io.nereid.backend.FailureReason;
import io.nereid.backend.scheduler.sequence.Arrival;
import io.nereid.backend.scheduler.sequence.BatchAssembly;
import io.nereid.backend.scheduler.sequence.Choice;
import io.nereid.backend.scheduler.sequence.Departure;
import io.nereid.backend.scheduler.sequence.Leftovers;
import io.nereid.backend.scheduler.sequence.SequenceBook;
import io.nereid.backend.scheduler.sequence.SequencePolicy;
import io.nereid.backend.scheduler.sequence.SequenceStates;
import io.nereid.backend.scheduler.sequence.Strategy;
import io.nereid.backend.scheduler.sequence.Turn;
import io.nereid.protocol.InferenceRequest;
import io.nereid.protocol.Owned;
import io.nereid.protocol.ResponseSender;
import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives a {@link SequenceBook} its threads: event loops put requests in, each instance's thread
 * takes its own batches out. A request that is cancelled leaves on the thread that cancels it, a
 * sequence that has been idle or in the backlog for too long on the timer's, which has one alarm at
 * a time. Refusals are sent, and states freed, without the lock.
 */
final class SequenceQueue {
    private static final Logger log = LoggerFactory.getLogger(SequenceQueue.class);
    private static final long LOG_INTERVAL_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final SequencePolicy policy;
    private final BatchAssembly assembly;
    private final SchedulerContext context;
    private final ReentrantLock lock = new ReentrantLock();
    private final List<Condition> changed = new ArrayList<>();

    @GuardedBy("lock")
    private final SequenceBook book;

    @GuardedBy("lock")
    private final Alarm alarm = new Alarm();

    @GuardedBy("lock")
    private long nextLog;

    /**
     * @param instances number of instances
     * @param states makes what a new sequence carries
     * @param assembly makes batches of what the book chooses
     */
    SequenceQueue(
            SequencePolicy policy,
            Strategy strategy,
            int instances,
            Supplier<SequenceStates> states,
            BatchAssembly assembly,
            SchedulerContext context) {
        this.policy = policy;
        this.assembly = assembly;
        this.context = context;
        this.nextLog = now();
        for (int i = 0; i < instances; i++) {
            changed.add(lock.newCondition());
        }
        this.book =
                new SequenceBook(policy, strategy, instances, states, i -> changed.get(i).signal());
    }

    /** Takes a request in, or refuses it. Never blocks on anything but this queue's lock. */
    void put(@Owned InferenceRequest request, ResponseSender sender) {
        Arrival arrival;
        Change change;
        boolean tells;
        lock.lock();
        try {
            long now = now();
            arrival = book.arrive(request, sender, now);
            change = change(now);
            tells =
                    arrival instanceof Arrival.Accepted(_, boolean conflict)
                            && conflict
                            && logs(now);
        } finally {
            lock.unlock();
        }
        if (tells) {
            log.warn(
                    "sequence {} for model '{}' has a conflict. The previous sequence did not end"
                            + " before this sequence start. Previous sequence will be terminated"
                            + " early.",
                    request.correlationId().text(),
                    policy.model());
        }
        settle(change);
        switch (arrival) {
            case Arrival.Refused(StatusException status) -> {
                request.close();
                sender.fail(status);
            }
            case Arrival.Accepted(Turn turn, _) -> request.onCancel(() -> cancel(turn));
        }
    }

    /** Requests that wait now. */
    long size() {
        lock.lock();
        try {
            return book.waiting();
        } finally {
            lock.unlock();
        }
    }

    /** Runs on the thread that cancels. */
    private void cancel(Turn turn) {
        Change change;
        lock.lock();
        try {
            book.cancel(turn);
            change = change(now());
        } finally {
            lock.unlock();
        }
        settle(change);
    }

    /** Runs on the timer's thread. */
    private void expire(long due) {
        Change change;
        boolean tells;
        lock.lock();
        try {
            long now = now();
            alarm.rang(due);
            book.expire(now);
            change = change(now);
            tells = !change.leftovers().evicted().isEmpty() && logs(now);
        } finally {
            lock.unlock();
        }
        if (tells) {
            log.info(
                    "model '{}': sequences {} had nothing to do for {} ms and have lost their slots",
                    policy.model(),
                    change.leftovers().evicted(),
                    TimeUnit.NANOSECONDS.toMillis(policy.idleNanos()));
        }
        settle(change);
    }

    /** Refuses new requests and ends each instance's work once nothing waits for it any more. */
    void close() {
        Change change;
        lock.lock();
        try {
            book.stop();
            change = change(now());
            changed.forEach(Condition::signalAll);
        } finally {
            lock.unlock();
        }
        settle(change);
    }

    /** Where an instance gets its work. */
    BatchSource source(int instance) {
        return new InstanceSource(instance);
    }

    /** Used by the instance's thread, but for {@link #wake}. */
    private final class InstanceSource implements BatchSource {
        private final int instance;

        /** A batch that waits for something else than requests. */
        private Work held = Work.NONE;

        InstanceSource(int instance) {
            this.instance = instance;
        }

        @Override
        public Work take(Taker taker) {
            while (true) {
                Optional<Choice> choice = SequenceQueue.this.take(instance, taker);
                if (choice.isEmpty()) {
                    return Work.NONE;
                }
                List<Batch.Item> items = assemble(choice.get().rows());
                if (!items.isEmpty()) {
                    return new Work(items, choice.get().close());
                }
            }
        }

        /** The batch is made here: its sequences are this instance's alone. */
        @Override
        public boolean awaitWork(Taker taker) {
            if (held.items().isEmpty()) {
                held = take(taker);
            }
            return !held.items().isEmpty();
        }

        /** Nobody else can take what is to be done here. */
        @Override
        public boolean hasWork() {
            return true;
        }

        @Override
        public Work poll() {
            Work work = held;
            held = Work.NONE;
            return work;
        }

        @Override
        public void wake() {
            lock.lock();
            try {
                changed.get(instance).signalAll();
            } finally {
                lock.unlock();
            }
        }
    }

    /** What an instance executes next; what it executed before is done. None at the end. */
    private Optional<Choice> take(int instance, Taker taker) {
        while (true) {
            Step step = step(instance, taker);
            settle(step.change());
            if (step.isEnd()) {
                return Optional.empty();
            }
            if (!step.choice().rows().isEmpty()) {
                return Optional.of(step.choice());
            }
        }
    }

    /**
     * What an instance's thread does next without the lock.
     *
     * @param choice requests to execute, if there are any
     * @param change what is to be settled
     * @param isEnd whether there will be no more to execute
     */
    private record Step(Choice choice, Change change, boolean isEnd) {}

    private Step step(int instance, Taker taker) {
        lock.lock();
        try {
            book.returned(instance, now());
            while (true) {
                long now = now();
                if (taker.isRetired()) {
                    return new Step(Choice.nothing(), change(now), true);
                }
                Choice choice = book.next(instance, now);
                boolean end = choice.rows().isEmpty() && book.isDone(instance);
                Change change = change(now);
                if (end || !choice.rows().isEmpty() || !change.isNothing()) {
                    return new Step(choice, change, end);
                }
                await(instance, choice.waitNanos());
            }
        } finally {
            lock.unlock();
        }
    }

    @GuardedBy("lock")
    @SuppressWarnings("WaitNotInLoop") // the caller's loop looks again after every wake-up
    private void await(int instance, long nanos) {
        if (nanos == Choice.FOREVER) {
            changed.get(instance).awaitUninterruptibly();
            return;
        }
        try {
            long _ = changed.get(instance).awaitNanos(nanos);
        } catch (InterruptedException e) {
            // Nobody stops an instance's thread this way: like any other wake-up.
        }
    }

    /** Empty if the requests had to be failed. */
    private List<Batch.Item> assemble(List<Optional<Turn>> rows) {
        StatusException failure;
        try {
            return assembly.items(rows);
        } catch (StatusException e) {
            failure = e;
        } catch (RuntimeException e) {
            failure =
                    new StatusException(
                            StatusCode.INTERNAL,
                            "inputs of model '" + policy.model() + "' could not be made: " + e,
                            e);
        }
        for (Optional<Turn> row : rows) {
            if (row.isPresent()) {
                drop(new Departure(row.get().item(), FailureReason.OTHER, failure));
            }
        }
        return List.of();
    }

    /**
     * What is to be done without the lock after something has changed.
     *
     * @param leftovers of the book
     * @param alarm to set
     */
    private record Change(Leftovers leftovers, Optional<Alarm.Wanted> alarm) {
        boolean isNothing() {
            return leftovers.isEmpty() && alarm.isEmpty();
        }
    }

    @GuardedBy("lock")
    private Change change(long now) {
        return new Change(book.takeLeftovers(), alarm.want(book.nanosToExpiry(now), now));
    }

    private void settle(Change change) {
        change.alarm()
                .ifPresent(wanted ->
                        context.timer().schedule(wanted.nanos(), () -> expire(wanted.due())));
        change.leftovers().states().forEach(SequenceStates::close);
        change.leftovers().departures().forEach(this::drop);
    }

    private void drop(Departure departure) {
        InferenceRequest request = departure.item().request();
        context.listener().failed(departure.reason(), now() - request.arrivalNanos());
        request.close();
        departure.item().sender().fail(departure.status());
    }

    @GuardedBy("lock")
    private boolean logs(long now) {
        boolean due = now - nextLog >= 0;
        if (due) {
            nextLog = now + LOG_INTERVAL_NANOS;
        }
        return due;
    }

    private long now() {
        return context.nanoTime().getAsLong();
    }
}
