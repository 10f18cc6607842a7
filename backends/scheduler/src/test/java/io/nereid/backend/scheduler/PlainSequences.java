package io.nereid.backend.scheduler;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The rules about sequences, slowly and obviously: lists that are searched from the beginning, in
 * the words of schedulers sections 9 to 12. The oldest strategy's batcher is the simplest one: no
 * delay, the largest batch preferred.
 */
final class PlainSequences {
    /**
     * What the model is configured for.
     *
     * @param instances number of instances
     * @param slots slots of each
     * @param largest largest batch
     * @param oldest whether the strategy is oldest
     * @param idle idle time in microseconds
     * @param delay maximum delay of the direct strategy in microseconds
     * @param enough ready slots that end the delay
     * @param capacity most requests that wait
     */
    record Rules(
            int instances,
            int slots,
            int largest,
            boolean oldest,
            boolean iterative,
            long idle,
            long delay,
            int enough,
            int capacity) {}

    /** A request. */
    private static final class Request {
        private final String name;
        private final Seq sequence;
        private final boolean end;
        private final long priority;
        private final long arrival;
        private final long timeout;
        private boolean cancelled;
        private boolean again;
        private int slot = -1;

        Request(String name, Seq sequence, boolean end, long priority, long arrival, long timeout) {
            this.name = name;
            this.sequence = sequence;
            this.end = end;
            this.priority = priority;
            this.arrival = arrival;
            this.timeout = timeout;
        }
    }

    /** A sequence. */
    private static final class Seq {
        private final long id;
        private final List<Request> waiting = new ArrayList<>();
        private boolean known = true;
        private boolean over;
        private boolean busy;
        private Optional<Long> idleSince = Optional.empty();
        private long idleNumber;

        Seq(long id) {
            this.id = id;
        }
    }

    private final Rules rules;
    private final List<Seq> all = new ArrayList<>();
    private final List<Seq> backlog = new ArrayList<>();

    /** Slot 0 of each instance, then slot 1 of each, and so on. */
    private final @Nullable Seq[] owners;

    private final @Nullable Request[] submitted;
    private final Map<Integer, List<Request>> batchers = new HashMap<>();
    private final Map<Integer, List<Request>> running = new HashMap<>();
    private final Map<String, Request> requests = new HashMap<>();
    private final Map<String, String> ends = new HashMap<>();
    private long now;
    private long idleNumbers;

    PlainSequences(Rules rules) {
        this.rules = rules;
        this.owners = new Seq[rules.instances * rules.slots];
        this.submitted = new Request[owners.length];
        for (int i = 0; i < rules.instances; i++) {
            batchers.put(i, new ArrayList<>());
            running.put(i, new ArrayList<>());
        }
    }

    /** How a request ended; "waits" if it has not. */
    String end(String name) {
        return ends.getOrDefault(name, "waits");
    }

    int waiting() {
        int count = 0;
        for (Seq sequence : all) {
            count += sequence.waiting.size();
        }
        for (List<Request> batcher : batchers.values()) {
            count += batcher.size();
        }
        return count;
    }

    /** Sequences that are not over, or whose last request is on its way. */
    int openSequences() {
        return (int) all.stream().filter(each -> !each.over || each.busy).count();
    }

    /** "" if accepted, else the beginning of what it is told. */
    String arrive(String name, long id, boolean start, boolean end, long priority, long timeout) {
        Optional<Seq> known = all.stream().filter(each -> each.known && each.id == id).findFirst();
        if (!start && known.isEmpty()) {
            return "Invalid argument";
        }
        if (waiting() >= rules.capacity) {
            return "Unavailable";
        }
        Seq sequence =
                known.orElseGet(() -> {
                    Seq created = new Seq(id);
                    all.add(created);
                    place(created);
                    return created;
                });
        Request request = new Request(name, sequence, end, priority, now, timeout);
        requests.put(name, request);
        sequence.idleSince = Optional.empty();
        sequence.waiting.add(request);
        sequence.known &= !end;
        submitAll();
        return start && known.isPresent() ? "conflict" : "";
    }

    private void place(Seq sequence) {
        for (int slot = 0; slot < owners.length; slot++) {
            if (owners[slot] == null && submitted[slot] == null) {
                owners[slot] = sequence;
                return;
            }
        }
        backlog.add(sequence);
    }

    private int slotOf(Seq sequence) {
        for (int slot = 0; slot < owners.length; slot++) {
            if (sequence.equals(owners[slot])) {
                return slot;
            }
        }
        return -1;
    }

    private void leave(Seq sequence) {
        sequence.known = false;
        sequence.over = true;
        sequence.idleSince = Optional.empty();
        backlog.remove(sequence);
        int slot = slotOf(sequence);
        if (slot >= 0) {
            owners[slot] = null;
            moveIn(slot);
        }
    }

    private void moveIn(int slot) {
        if (owners[slot] == null && !backlog.isEmpty()) {
            owners[slot] = backlog.removeFirst();
        }
    }

    /** Oldest: every slot without a request on its way submits its next one. */
    private void submitAll() {
        for (int slot = 0; rules.oldest && slot < owners.length; slot++) {
            submit(slot);
        }
    }

    private void submit(int slot) {
        while (rules.oldest && submitted[slot] == null) {
            Seq owner = owners[slot];
            if (owner == null || owner.waiting.isEmpty()) {
                return;
            }
            if (owner.waiting.getFirst().cancelled) {
                abandon(owner);
                continue;
            }
            Request next = owner.waiting.removeFirst();
            submitted[slot] = next;
            next.slot = slot;
            owner.busy = true;
            batchers.getOrDefault(slot % rules.instances, List.of()).add(next);
            if (next.end && !rules.iterative && !next.again) {
                leave(owner);
            }
        }
    }

    private void abandon(Seq sequence) {
        for (Request request : List.copyOf(sequence.waiting)) {
            gone(request, "CANCELED");
        }
        sequence.waiting.clear();
        if (!sequence.over) {
            leave(sequence);
        }
    }

    private void gone(Request request, String how) {
        if (ends.put(request.name, how) != null) {
            throw new AssertionError("ended twice");
        }
    }

    private void release(Request request) {
        request.sequence.busy = false;
        if (rules.oldest) {
            submitted[request.slot] = null;
            moveIn(request.slot);
        }
    }

    void cancel(String name) {
        Request request = request(name);
        request.cancelled = true;
        Seq sequence = request.sequence;
        for (List<Request> batcher : batchers.values()) {
            if (batcher.remove(request)) {
                gone(request, "CANCELED");
                release(request);
                abandon(sequence);
                submitAll();
                return;
            }
        }
        boolean first = !sequence.waiting.isEmpty() && sequence.waiting.getFirst().equals(request);
        boolean backlogged = backlog.contains(sequence) && sequence.waiting.contains(request);
        if (first || backlogged) {
            abandon(sequence);
            submitAll();
        }
    }

    private Request request(String name) {
        Request request = requests.get(name);
        if (request == null) {
            throw new AssertionError("no request " + name);
        }
        return request;
    }

    void done(int instance, List<String> again) {
        List<Request> batch = List.copyOf(running.getOrDefault(instance, List.of()));
        running.put(instance, new ArrayList<>());
        for (Request request : batch) {
            Seq sequence = request.sequence;
            release(request);
            if (again.contains(request.name)) {
                request.again = true;
                if (sequence.over) {
                    gone(request, "CANCELED");
                } else {
                    sequence.waiting.add(request);
                }
            } else {
                gone(request, "answered");
                sequence.known &= !rules.iterative;
            }
            if (!sequence.over && sequence.waiting.isEmpty()) {
                if (sequence.known) {
                    sequence.idleSince = Optional.of(now);
                    sequence.idleNumber = idleNumbers++;
                } else {
                    leave(sequence);
                }
            }
            submit(request.slot);
            submitAll();
        }
    }

    /** What an idle instance executes. */
    List<String> next(int instance) {
        List<String> batch = rules.oldest ? nextOldest(instance) : nextDirect(instance);
        batch.stream()
                .filter(name -> !name.equals("-"))
                .forEach(name -> running.getOrDefault(instance, List.of()).add(request(name)));
        return batch;
    }

    private List<String> nextOldest(int instance) {
        List<Request> batcher = batchers.getOrDefault(instance, List.of());
        List<String> batch = new ArrayList<>();
        while (!batcher.isEmpty() && batch.size() < rules.largest) {
            batch.add(batcher.removeFirst().name);
        }
        return batch;
    }

    private List<String> nextDirect(int instance) {
        List<String> batch = new ArrayList<>();
        List<Request> ready = new ArrayList<>();
        for (int slot = instance; slot < owners.length; slot += rules.instances) {
            Seq owner = owners[slot];
            while (owner != null
                    && !owner.waiting.isEmpty()
                    && owner.waiting.getFirst().cancelled) {
                abandon(owner);
                owner = owners[slot];
            }
            if (owner != null && !owner.waiting.isEmpty()) {
                ready.add(owner.waiting.getFirst());
            }
        }
        if (ready.isEmpty()) {
            return batch;
        }
        long oldest = ready.stream().mapToLong(request -> request.arrival).min().orElseThrow();
        if (rules.delay > 0 && ready.size() < rules.enough && now - oldest < rules.delay) {
            return batch;
        }
        int last = slotOf(ready.getLast().sequence);
        for (int slot = instance; slot <= last; slot += rules.instances) {
            batch.add(takeDirect(slot, ready.getFirst().priority));
        }
        return batch;
    }

    private String takeDirect(int slot, long priority) {
        Seq owner = owners[slot];
        if (owner == null
                || owner.waiting.isEmpty()
                || owner.waiting.getFirst().priority != priority) {
            return "-";
        }
        Request request = owner.waiting.removeFirst();
        request.slot = slot;
        owner.busy = true;
        if (request.end && !rules.iterative) {
            leave(owner);
        }
        return request.name;
    }

    void pass(long micros) {
        now += micros;
        List<Seq> late =
                backlog.stream()
                        .filter(each -> deadline(each) <= now)
                        .sorted(Comparator.comparingLong(this::deadline))
                        .toList();
        for (Seq sequence : late) {
            sequence.waiting.forEach(request -> gone(request, "REJECTED"));
            sequence.waiting.clear();
            leave(sequence);
        }
        List<Seq> idle =
                all.stream()
                        .filter(each ->
                                each.idleSince.map(t -> now - t >= rules.idle).orElse(false))
                        .toList();
        List<Seq> longest = new ArrayList<>(idle);
        longest.sort(Comparator.comparingLong(each -> each.idleNumber));
        for (Seq sequence : longest) {
            leave(sequence);
            submitAll();
        }
    }

    private long deadline(Seq sequence) {
        return sequence.waiting.stream()
                .filter(request -> request.timeout > 0)
                .mapToLong(request -> request.arrival + request.timeout)
                .min()
                .orElse(Long.MAX_VALUE);
    }

    /** Requests that execute now. */
    List<String> running(int instance) {
        return running.getOrDefault(instance, List.of()).stream()
                .map(request -> request.name)
                .toList();
    }
}
