package io.nereid.backend.scheduler.sequence;

import io.nereid.protocol.CorrelationId;
import io.nereid.protocol.InferenceRequest;
import io.nereid.protocol.ResponseSender;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.IntConsumer;
import java.util.function.Supplier;

/**
 * The decisions about sequences (schedulers sections 9 to 12): who has a slot, who waits in the
 * backlog, who is over, what an idle instance executes. Driven by hand: it has no thread and no
 * clock. Used by one thread at a time.
 *
 * <p>An id is known while clients may add to its sequence: until END has arrived. A sequence keeps
 * its slot until its last request was taken out of it; then the oldest of the backlog moves in.
 */
public final class SequenceBook {
    private final SequencePolicy policy;
    private final Refusals refusals;
    private final Supplier<SequenceStates> states;
    private final IntConsumer ready;
    private final FreeSlots slots;
    private final List<SlotBatches> batches = new ArrayList<>();
    private final List<List<Turn>> executing = new ArrayList<>();
    private final Map<CorrelationId, Sequence> known = new HashMap<>();
    private final LinkedHashSet<Sequence> backlog = new LinkedHashSet<>();
    private final TreeSet<Sequence> deadlines = new TreeSet<>(Sequence.BY_DEADLINE);

    /** Sequences that have a slot and nothing to do, those first that are so for longest. */
    private final LinkedHashSet<Sequence> idle = new LinkedHashSet<>();

    private List<Departure> departures = new ArrayList<>();
    private List<SequenceStates> closable = new ArrayList<>();
    private List<String> evicted = new ArrayList<>();
    private int waiting;
    private long sequences;
    private long lastOwnId;
    private boolean stopping;

    /**
     * @param instances number of instances
     * @param states makes what a new sequence carries
     * @param ready told the index of an instance that may have something to do
     */
    public SequenceBook(
            SequencePolicy policy,
            Strategy strategy,
            int instances,
            Supplier<SequenceStates> states,
            IntConsumer ready) {
        this.policy = policy;
        this.refusals = new Refusals(policy.model());
        this.states = states;
        this.ready = ready;
        this.slots = new FreeSlots(instances, policy.slots());
        for (int i = 0; i < instances; i++) {
            executing.add(List.of());
            List<Slot> own = slots.of(i);
            batches.add(
                    switch (strategy) {
                        case Strategy.Direct(var rule) ->
                                new DirectBatches(this, policy.direct(), rule, own);
                        case Strategy.Oldest(var batchers) ->
                                new OldestBatches(this, batchers.get());
                    });
        }
    }

    /** Requests that wait. */
    public int waiting() {
        return waiting;
    }

    /** Decides on a request that arrives at {@code nowNanos}; the rules in their order. */
    public Arrival arrive(InferenceRequest request, ResponseSender sender, long nowNanos) {
        if (request.batchSize() > 1) {
            return refusals.batchSize();
        }
        if (request.correlationId().isNone()) {
            if (!policy.iterative()) {
                return refusals.noId();
            }
            beginOwn(request);
        }
        if (stopping) {
            return refusals.stopping();
        }
        Optional<Sequence> before = Optional.ofNullable(known.get(request.correlationId()));
        if (!request.sequenceStart() && before.isEmpty()) {
            return refusals.notStarted(request.correlationId());
        }
        if (waiting >= policy.capacity()) {
            return refusals.full(request);
        }
        request.enqueued(nowNanos);
        Sequence sequence = before.orElseGet(() -> begin(request.correlationId()));
        Turn turn = new Turn(request, sender, sequence, policy.iterative());
        add(turn);
        return new Arrival.Accepted(turn, request.sequenceStart() && before.isPresent());
    }

    /** Gives a request of no sequence one of its own (section 12). */
    private void beginOwn(InferenceRequest request) {
        Function<Long, CorrelationId> kind =
                switch (request.correlationId()) {
                    case CorrelationId.NumericId _ -> CorrelationId.NumericId::new;
                    case CorrelationId.TextId _ ->
                            number -> new CorrelationId.TextId(Long.toString(number));
                };
        CorrelationId own;
        do {
            own = kind.apply(++lastOwnId);
        } while (known.containsKey(own));
        request.setCorrelationId(own);
        request.setSequenceStart(true);
    }

    private Sequence begin(CorrelationId id) {
        Sequence sequence = new Sequence(id, sequences++, states.get());
        known.put(id, sequence);
        slots.take()
                .ifPresentOrElse(
                        slot -> {
                            sequence.place = Sequence.Place.SLOT;
                            sequence.slot = slot;
                            slot.sequence = sequence;
                        },
                        () -> backlog.add(sequence));
        return sequence;
    }

    private void add(Turn turn) {
        Sequence sequence = turn.sequence;
        idle.remove(sequence);
        sequence.queue.add(turn);
        waiting++;
        if (turn.request().sequenceEnd()) {
            forget(sequence);
        }
        if (sequence.slot != null) {
            offer(sequence.slot);
        } else if (turn.request().timeoutMicros() != 0) {
            limitBacklog(sequence, turn.request());
        }
    }

    private void forget(Sequence sequence) {
        sequence.ends = true;
        known.remove(sequence.id, sequence);
    }

    private void offer(Slot slot) {
        batches.get(slot.instance).offered(slot);
        ready.accept(slot.instance);
    }

    /** The request that expires first decides for its whole sequence. */
    private void limitBacklog(Sequence sequence, InferenceRequest request) {
        long deadline = request.arrivalNanos() + SequencePolicy.nanos(request.timeoutMicros());
        if (sequence.hasDeadline && sequence.deadline - deadline <= 0) {
            return;
        }
        deadlines.remove(sequence);
        sequence.hasDeadline = true;
        sequence.deadline = deadline;
        deadlines.add(sequence);
    }

    /** What an idle instance does at {@code nowNanos}; a batch executes until it is returned. */
    public Choice next(int instance, long nowNanos) {
        Choice choice = batches.get(instance).next(nowNanos, stopping);
        executing.set(instance, choice.rows().stream().flatMap(Optional::stream).toList());
        return choice;
    }

    /** Takes the next request of a slot for its execution. */
    Turn start(Slot slot) {
        waiting--;
        return take(slot, Turn.State.EXECUTING);
    }

    /** Takes the next request of a slot for the oldest strategy's batcher. */
    Turn submit(Slot slot) {
        return take(slot, Turn.State.SUBMITTED);
    }

    /** Marks that a submitted request executes. */
    void executing(Turn turn) {
        waiting--;
        turn.state = Turn.State.EXECUTING;
    }

    private Turn take(Slot slot, Turn.State state) {
        Sequence sequence = slot.sequence;
        if (sequence == null) {
            throw new IllegalStateException("slot " + slot.position + " has no sequence");
        }
        Turn turn = sequence.queue.remove();
        turn.state = state;
        turn.slot = slot;
        sequence.busy = true;
        if (state == Turn.State.SUBMITTED) {
            slot.submitted = turn;
        }
        if (turn.request().sequenceEnd() && !policy.iterative()) {
            leave(sequence);
        }
        return turn;
    }

    /** The batch of an instance is executed; each request was answered, or is to go on. */
    public void returned(int instance, long nowNanos) {
        for (Turn turn : executing.set(instance, List.of())) {
            Sequence sequence = turn.sequence;
            Slot slot = release(turn);
            if (turn.isRescheduled()) {
                reschedule(turn);
            } else {
                turn.state = Turn.State.GONE;
                if (policy.iterative()) {
                    forget(sequence);
                }
            }
            settle(sequence, nowNanos);
            offer(slot);
        }
    }

    /** A sequence that can do without a request again; its slot, which it may have left. */
    private Slot release(Turn turn) {
        Slot slot = turn.slot;
        if (slot == null) {
            throw new IllegalStateException("a request was not taken: " + turn.state);
        }
        if (turn.equals(slot.submitted)) {
            slot.submitted = null;
            if (slot.sequence == null) {
                moveIn(slot);
            }
        }
        turn.sequence.busy = false;
        if (turn.sequence.place == Sequence.Place.OVER) {
            closable.add(turn.sequence.states);
        }
        return slot;
    }

    private void reschedule(Turn turn) {
        turn.again();
        waiting++;
        if (turn.sequence.place == Sequence.Place.OVER) {
            depart(turn, Departure.cancelled(turn));
        } else {
            turn.sequence.queue.add(turn);
        }
    }

    private void settle(Sequence sequence, long nowNanos) {
        if (sequence.place != Sequence.Place.SLOT || sequence.busy || !sequence.queue.isEmpty()) {
            return;
        }
        if (sequence.ends) {
            leave(sequence);
        } else {
            sequence.idleSince = nowNanos;
            idle.add(sequence);
        }
    }

    /** A request's client has gone away. Nothing happens to what executes. */
    public void cancel(Turn turn) {
        Sequence sequence = turn.sequence;
        switch (turn.state) {
            case SUBMITTED -> {
                withdraw(turn);
                abandonSubmitted(turn);
            }
            case QUEUED -> {
                // What is ahead of it in a slot is still worth executing.
                if (sequence.slot == null || turn.equals(sequence.queue.peek())) {
                    abandon(sequence);
                }
            }
            case EXECUTING, GONE -> {}
        }
    }

    private void withdraw(Turn turn) {
        Slot slot = turn.slot;
        if (slot != null) {
            batches.get(slot.instance).withdraw(turn);
        }
    }

    /** Ends a submitted request that is out of its batcher, and with it its sequence. */
    void abandonSubmitted(Turn turn) {
        depart(turn, Departure.cancelled(turn));
        Slot slot = release(turn);
        abandon(turn.sequence);
        offer(slot);
    }

    /** Cancels all that waits of a sequence, and gives its place away. */
    void abandon(Sequence sequence) {
        sequence.queue.forEach(turn -> depart(turn, Departure.cancelled(turn)));
        end(sequence);
    }

    private void depart(Turn turn, Departure departure) {
        turn.state = Turn.State.GONE;
        waiting--;
        departures.add(departure);
    }

    private void end(Sequence sequence) {
        sequence.queue.clear();
        forget(sequence);
        leave(sequence);
    }

    /** Gives a sequence's place to the next one. What executes of it goes on. */
    private void leave(Sequence sequence) {
        Slot slot = sequence.slot;
        boolean before = sequence.place == Sequence.Place.OVER;
        sequence.place = Sequence.Place.OVER;
        sequence.slot = null;
        if (before) {
            return;
        }
        if (!sequence.busy) {
            closable.add(sequence.states);
        }
        if (slot == null) {
            backlog.remove(sequence);
            deadlines.remove(sequence);
        } else {
            idle.remove(sequence);
            slot.sequence = null;
            moveIn(slot);
        }
    }

    /** A slot whose last request is on its way would only keep a new sequence waiting. */
    private void moveIn(Slot slot) {
        if (backlog.isEmpty()) {
            if (slot.submitted == null) {
                slots.giveBack(slot);
            }
            return;
        }
        Sequence next = backlog.removeFirst();
        deadlines.remove(next);
        next.place = Sequence.Place.SLOT;
        next.slot = slot;
        slot.sequence = next;
        offer(slot);
    }

    /** Ends sequences that were idle for too long, or too long in the backlog. */
    public void expire(long nowNanos) {
        while (!deadlines.isEmpty() && deadlines.first().deadline - nowNanos <= 0) {
            Sequence sequence = deadlines.first();
            sequence.queue.forEach(turn -> depart(turn, Departure.expired(turn)));
            end(sequence);
        }
        while (!idle.isEmpty() && nanosToEviction(nowNanos) <= 0) {
            Sequence sequence = idle.getFirst();
            evicted.add(sequence.id.text());
            end(sequence);
        }
    }

    /** Time until {@link #expire} has something to do; {@link Choice#FOREVER} if nothing is due. */
    public long nanosToExpiry(long nowNanos) {
        long eviction = idle.isEmpty() ? Choice.FOREVER : nanosToEviction(nowNanos);
        long deadline =
                deadlines.isEmpty() ? Choice.FOREVER : deadlines.first().deadline - nowNanos;
        return Math.max(0, Math.min(eviction, deadline));
    }

    private long nanosToEviction(long nowNanos) {
        return policy.idleNanos() - (nowNanos - idle.getFirst().idleSince);
    }

    /** Accepts nothing more; what waits is executed without delay. */
    public void stop() {
        stopping = true;
        List.copyOf(known.values()).forEach(this::forget);
        List.copyOf(idle).forEach(this::leave);
    }

    /** Whether an idle instance will have nothing to do any more. */
    public boolean isDone(int instance) {
        return stopping
                && backlog.isEmpty()
                && slots.of(instance).stream()
                        .allMatch(slot -> slot.submitted == null && slot.front() == null);
    }

    /** What is to be done without the lock; each only once. */
    public Leftovers takeLeftovers() {
        if (departures.isEmpty() && closable.isEmpty() && evicted.isEmpty()) {
            return Leftovers.NONE;
        }
        Leftovers leftovers = new Leftovers(departures, closable, evicted);
        departures = new ArrayList<>();
        closable = new ArrayList<>();
        evicted = new ArrayList<>();
        return leftovers;
    }
}
