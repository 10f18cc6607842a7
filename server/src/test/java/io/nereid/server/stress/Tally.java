package io.nereid.server.stress;

import java.util.Map;
import java.util.Queue;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.LongAdder;

/** What became of all requests, and what must never have happened. Any thread. */
final class Tally {
    private static final int KEPT = 50;

    private final ConcurrentMap<String, LongAdder> outcomes = new ConcurrentHashMap<>();
    private final Queue<String> violations = new ConcurrentLinkedQueue<>();
    private final LongAdder violated = new LongAdder();

    /** A request of some kind had an outcome that is in order. */
    void count(String kind, String outcome) {
        outcomes.computeIfAbsent(kind + ": " + outcome, _ -> new LongAdder()).increment();
    }

    /** Something happened that must not. */
    void violation(String kind, String what) {
        violated.increment();
        if (violations.size() < KEPT) {
            violations.add(kind + ": " + what);
        }
    }

    /** The first things that must not have happened. */
    Queue<String> violations() {
        return violations;
    }

    /** Requests by kind and outcome. */
    Map<String, Long> outcomes() {
        Map<String, Long> read = new TreeMap<>();
        outcomes.forEach((name, count) -> read.put(name, count.sum()));
        return read;
    }

    long total() {
        return outcomes.values().stream().mapToLong(LongAdder::sum).sum();
    }

    long of(String kind, String outcome) {
        LongAdder count = outcomes.get(kind + ": " + outcome);
        return count == null ? 0 : count.sum();
    }
}
