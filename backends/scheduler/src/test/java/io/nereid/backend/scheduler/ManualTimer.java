package io.nereid.backend.scheduler;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Clock and timer of a test: time passes when it says so, and events run on its thread. May be used
 * from any thread.
 */
final class ManualTimer implements DeadlineTimer {
    private record Event(long due, Runnable action) {}

    private final List<Event> events = new ArrayList<>();
    private long now;
    private int asked;

    synchronized long now() {
        return now;
    }

    /** How often the timer was asked for something. */
    synchronized int asked() {
        return asked;
    }

    @Override
    public synchronized void schedule(long nanos, Runnable event) {
        asked++;
        events.add(new Event(now + nanos, event));
    }

    /** Lets time pass, and what is due on the way happen in its order. */
    synchronized void advance(long nanos) {
        long end = now + nanos;
        List<Event> due = due(end);
        while (!due.isEmpty()) {
            Event next = due.getFirst();
            events.remove(next);
            now = Math.max(now, next.due());
            next.action().run();
            due = due(end);
        }
        now = end;
    }

    private List<Event> due(long end) {
        return events.stream()
                .filter(event -> event.due() <= end)
                .sorted(Comparator.comparingLong(Event::due))
                .toList();
    }
}
