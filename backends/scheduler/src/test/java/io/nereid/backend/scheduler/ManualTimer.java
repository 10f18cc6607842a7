package io.nereid.backend.scheduler;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

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

    /**
     * Lets time pass, and what is due on the way happen in its order. Events run without this
     * timer's monitor: they take locks under which other threads ask for the time.
     */
    void advance(long nanos) {
        long end = now() + nanos;
        Optional<Event> next = pass(end);
        while (next.isPresent()) {
            next.get().action().run();
            next = pass(end);
        }
    }

    /** Goes on to the next event, or to the end if none is due before it. */
    private synchronized Optional<Event> pass(long end) {
        Optional<Event> next =
                events.stream()
                        .filter(event -> event.due() <= end)
                        .min(Comparator.comparingLong(Event::due));
        next.ifPresent(events::remove);
        now = Math.max(now, next.map(Event::due).orElse(end));
        return next;
    }
}
