package io.nereid.backend.scheduler;

import io.nereid.protocol.InferenceRequest;
import io.nereid.protocol.Scheduling;
import io.nereid.protocol.Tensor;
import io.nereid.protocol.proto.ModelConfigProto.ModelDynamicBatching;
import io.nereid.protocol.proto.ModelConfigProto.ModelQueuePolicy;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The dynamic batcher as sections 4 to 6 of the schedulers' specification put it, line by line and
 * without any thought of speed: one list, sorted whenever somebody looks. What it does not have is
 * the payload that grows while it waits for an instance; its requests wait in the queue.
 */
final class PlainBatchQueue {
    private static final long FOREVER = Long.MAX_VALUE;

    record Decision(List<InferenceRequest> batch, List<InferenceRequest> dropped, long waitNanos) {}

    private static final class Entry {
        final InferenceRequest request;
        final int level;
        final long timeoutNanos;
        final int number;
        boolean delayed;
        long delayedAs;

        Entry(InferenceRequest request, int level, long timeoutNanos, int number) {
            this.request = request;
            this.level = level;
            this.timeoutNanos = timeoutNanos;
            this.number = number;
        }

        boolean limited() {
            return timeoutNanos > 0 && !delayed;
        }

        long left(long now) {
            return request.arrivalNanos() + timeoutNanos - now;
        }
    }

    private final ModelDynamicBatching policy;
    private final Set<Integer> preferred;
    private final int largest;
    private final int capacity;
    private final List<Entry> entries = new ArrayList<>();
    private int arrivals;
    private int delays;

    PlainBatchQueue(Scheduling.DynamicBatching batching, int largest, int capacity) {
        this.policy = batching.policy();
        this.largest = largest;
        this.capacity = capacity;
        this.preferred = new HashSet<>(policy.getPreferredBatchSizeList());
        if (preferred.isEmpty()) {
            preferred.add(largest);
        }
    }

    int size() {
        return entries.size();
    }

    boolean hasRoom(InferenceRequest request) {
        int level = level(request);
        int limit = queue(level).getMaxQueueSize();
        long sameLevel = entries.stream().filter(entry -> entry.level == level).count();
        return entries.size() < capacity && (limit == 0 || sameLevel < limit);
    }

    void add(InferenceRequest request) {
        int level = level(request);
        ModelQueuePolicy queue = queue(level);
        long timeout = queue.getDefaultTimeoutMicroseconds();
        long asked = request.timeoutMicros();
        if (queue.getAllowTimeoutOverride() && 0 < asked && asked < timeout) {
            timeout = asked;
        }
        entries.add(new Entry(request, level, timeout * 1000, arrivals++));
    }

    boolean remove(InferenceRequest request) {
        return entries.removeIf(entry -> entry.request.equals(request));
    }

    long nanosToExpiry(long now) {
        return entries.stream()
                .filter(Entry::limited)
                .mapToLong(entry -> Math.max(0, entry.left(now)))
                .min()
                .orElse(FOREVER);
    }

    List<InferenceRequest> takeExpired(long now) {
        List<Entry> expired =
                entries.stream()
                        .filter(entry -> entry.limited() && entry.left(now) <= 0)
                        .sorted(
                                Comparator.<Entry>comparingLong(entry -> entry.left(now))
                                        .thenComparingInt(entry -> entry.number))
                        .toList();
        List<InferenceRequest> rejected = new ArrayList<>();
        for (Entry entry : expired) {
            if (queue(entry.level).getTimeoutAction() == ModelQueuePolicy.TimeoutAction.DELAY) {
                entry.delayed = true;
                entry.delayedAs = delays++;
            } else {
                entries.remove(entry);
                rejected.add(entry.request);
            }
        }
        return rejected;
    }

    Decision next(long now, boolean draining) {
        List<InferenceRequest> dropped = new ArrayList<>(takeExpired(now));
        entries.sort(
                Comparator.<Entry>comparingInt(entry -> entry.level)
                        .thenComparing(entry -> entry.delayed)
                        .thenComparingLong(
                                entry -> entry.delayed ? entry.delayedAs : entry.number));
        int maxPreferred = preferred.stream().mapToInt(Integer::intValue).max().orElse(0);
        List<Entry> pending = new ArrayList<>();
        int n = 0;
        int best = 0;
        boolean sendNow = false;
        for (Entry entry : List.copyOf(entries)) {
            if (entry.request.isCancelled()) {
                entries.remove(entry);
                dropped.add(entry.request);
                continue;
            }
            int rows = entry.request.batchSize();
            if (!pending.isEmpty()) {
                if (n + rows > maxPreferred && best == 0) {
                    best = pending.size();
                }
                if (n + rows > largest || !fits(pending.getFirst().request, entry.request)) {
                    sendNow = true;
                    break;
                }
            }
            pending.add(entry);
            n += rows;
            if (preferred.contains(n)) {
                best = pending.size();
            }
        }
        if (pending.isEmpty()) {
            return new Decision(List.of(), dropped, FOREVER);
        }
        long delay = policy.getMaxQueueDelayMicroseconds() * 1000;
        long age =
                pending.stream()
                        .mapToLong(entry -> now - entry.request.arrivalNanos())
                        .max()
                        .orElseThrow();
        boolean late = delay > 0 && age >= delay;
        if (best > 0 && !late) {
            return send(pending.subList(0, best), dropped);
        }
        if (sendNow || n >= maxPreferred || late || delay == 0 || draining) {
            return send(pending, dropped);
        }
        return new Decision(List.of(), dropped, delay - age);
    }

    private Decision send(List<Entry> batch, List<InferenceRequest> dropped) {
        entries.removeAll(batch);
        return new Decision(batch.stream().map(entry -> entry.request).toList(), dropped, 0);
    }

    private static boolean fits(InferenceRequest first, InferenceRequest other) {
        return first.inputs().stream()
                        .map(Tensor::name)
                        .collect(Collectors.toSet())
                        .equals(
                                other.inputs().stream()
                                        .map(Tensor::name)
                                        .collect(Collectors.toSet()))
                && columns(first) == columns(other);
    }

    private static long columns(InferenceRequest request) {
        return request.input("IN").orElseThrow().shape().dim(1);
    }

    private int level(InferenceRequest request) {
        long levels = policy.getPriorityLevels();
        if (levels == 0) {
            return 0;
        }
        long asked = request.priority();
        return (int) (asked == 0 || asked > levels ? policy.getDefaultPriorityLevel() : asked);
    }

    private ModelQueuePolicy queue(int level) {
        return policy.getPriorityQueuePolicyOrDefault(level, policy.getDefaultQueuePolicy());
    }
}
