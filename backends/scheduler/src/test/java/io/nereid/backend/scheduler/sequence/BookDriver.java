package io.nereid.backend.scheduler.sequence;

import io.nereid.backend.TestConfigs;
import io.nereid.protocol.CorrelationId;
import io.nereid.protocol.InferenceRequest;
import io.nereid.protocol.ModelConfig;
import io.nereid.protocol.RecordingSender;
import io.nereid.protocol.Scheduling;
import io.nereid.protocol.proto.ModelConfigProto.ModelSequenceBatching;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/**
 * Drives a {@link SequenceBook} by hand, with a clock that stands still unless it is moved. Calls
 * requests by names, notes what becomes of each, and refuses to see one end twice.
 */
public final class BookDriver {
    /** Where a request stands in its sequence. */
    public enum Mark {
        START,
        END
    }

    private final SequenceBook book;
    private final Map<String, Turn> turns = new HashMap<>();
    private final Map<Turn, String> names = new HashMap<>();
    private final List<List<Turn>> executing = new ArrayList<>();
    private final Map<String, String> ended = new HashMap<>();
    private final Set<Integer> ready = new TreeSet<>();
    private final List<String> evicted = new ArrayList<>();
    private int openSequences;
    private long now = 1000;

    /**
     * A book for a model of that configuration.
     *
     * @param batching the {@code sequence_batching} block and {@code max_batch_size}
     */
    public BookDriver(String batching, int instances, Function<ModelConfig, Strategy> strategy) {
        ModelConfig config = TestConfigs.parse("name: \"m\" " + batching);
        for (int i = 0; i < instances; i++) {
            executing.add(List.of());
        }
        book =
                new SequenceBook(
                        SequencePolicy.of(config, batching(config), 100),
                        strategy.apply(config),
                        instances,
                        this::states,
                        ready::add);
    }

    /** The block of a configuration. */
    public static ModelSequenceBatching batching(ModelConfig config) {
        if (!(config.scheduling() instanceof Scheduling.SequenceBatching(var batching))) {
            throw new AssertionError("no sequence batching");
        }
        return batching;
    }

    private SequenceStates states() {
        openSequences++;
        return new SequenceStates(Map.of());
    }

    /** A request of a sequence without further properties. */
    public String send(String name, long id, Mark... marks) {
        InferenceRequest request = request(id, marks);
        return send(name, request);
    }

    /** A request that is not sent yet. */
    public InferenceRequest request(long id, Mark... marks) {
        Set<Mark> all = EnumSet.noneOf(Mark.class);
        all.addAll(List.of(marks));
        InferenceRequest request = new InferenceRequest("m", OptionalLong.empty());
        request.setCorrelationId(new CorrelationId.NumericId(id));
        request.setSequenceStart(all.contains(Mark.START));
        request.setSequenceEnd(all.contains(Mark.END));
        return request;
    }

    /** Sends a request; the error text, or nothing. */
    public String send(String name, InferenceRequest request) {
        String refused =
                switch (book.arrive(request, new RecordingSender(), now)) {
                    case Arrival.Accepted(Turn turn, boolean conflict) -> {
                        turns.put(name, turn);
                        names.put(turn, name);
                        yield conflict ? "conflict" : "";
                    }
                    case Arrival.Refused(var status) -> {
                        request.close();
                        yield status.describe();
                    }
                };
        settle();
        return refused;
    }

    /** What an instance executes now, padding as a hyphen. What it executed before is done. */
    public List<String> next(int instance) {
        done(instance);
        Choice choice = book.next(instance, now);
        List<Turn> batch = choice.rows().stream().flatMap(Optional::stream).toList();
        batch.forEach(turn -> turn.request().executing());
        executing.set(instance, batch);
        settle();
        return choice.rows().stream().map(row -> row.map(this::name).orElse("-")).toList();
    }

    /** How long an instance that has nothing to execute may wait, in microseconds. */
    public long waitMicros(int instance) {
        done(instance);
        return TimeUnit.NANOSECONDS.toMicros(book.next(instance, now).waitNanos());
    }

    private String name(Turn turn) {
        String name = names.get(turn);
        if (name == null) {
            throw new AssertionError("a request that was never sent");
        }
        return name;
    }

    private Turn turn(String name) {
        Turn turn = turns.get(name);
        if (turn == null) {
            throw new AssertionError("no request " + name);
        }
        return turn;
    }

    /** The batch of an instance is executed. */
    public void done(int instance) {
        for (Turn turn : executing.set(instance, List.of())) {
            if (!turn.isRescheduled()) {
                turn.request().close();
                end(turn, "answered");
            }
        }
        book.returned(instance, now);
        settle();
    }

    /** Has a request that executes executed again. */
    public void reschedule(String name) {
        turn(name).reschedule();
    }

    /** The request's client goes away. */
    public void cancel(String name) {
        turn(name).request().cancel();
        book.cancel(turn(name));
        settle();
    }

    /** The request's client goes away, but the book is not told yet. */
    public void cancelUntold(String name) {
        turn(name).request().cancel();
    }

    /** Time passes, and the timer does its part. */
    public void pass(long micros) {
        now += TimeUnit.MICROSECONDS.toNanos(micros);
        book.expire(now);
        settle();
    }

    /** Time until the timer is to look. */
    public long microsToExpiry() {
        return TimeUnit.NANOSECONDS.toMicros(book.nanosToExpiry(now));
    }

    /** Stops accepting. */
    public void stop() {
        book.stop();
        settle();
    }

    private void settle() {
        Leftovers leftovers = book.takeLeftovers();
        for (Departure departure : leftovers.departures()) {
            departure.item().request().close();
            if (!(departure.item().step() instanceof Turn turn)) {
                throw new AssertionError("not a request of a sequence");
            }
            end(turn, departure.reason() + " " + departure.status().describe());
        }
        openSequences -= leftovers.states().size();
        evicted.addAll(leftovers.evicted());
    }

    private void end(Turn turn, String how) {
        String before = ended.put(name(turn), how);
        if (before != null) {
            throw new AssertionError(name(turn) + " ended twice: " + before + ", " + how);
        }
    }

    /** How a request ended; "waits" if it has not. */
    public String end(String name) {
        return ended.getOrDefault(name, "waits");
    }

    /** Ids of sequences that were idle for too long. */
    public List<String> evicted() {
        return evicted;
    }

    /** Sequences whose states are not to be closed yet. */
    public int openSequences() {
        return openSequences;
    }

    /** Instances that were told of something to do since the last time. */
    public Set<Integer> ready() {
        Set<Integer> told = new TreeSet<>(ready);
        ready.clear();
        return told;
    }

    /** The book. */
    public SequenceBook book() {
        return book;
    }
}
