package io.nereid.server.main;

import java.util.ArrayDeque;
import java.util.Deque;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What has to be taken down, in order. Every step runs, whatever the ones before it did; the first
 * failure is thrown at the end. Used on control threads, one at a time.
 */
final class Shutdown {
    private static final Logger log = LoggerFactory.getLogger(Shutdown.class);

    private record Step(String what, Runnable action) {}

    private final Deque<Step> front = new ArrayDeque<>();
    private final Deque<Step> back = new ArrayDeque<>();

    /** Takes {@code what} down before everything that was added so far. */
    void first(String what, Runnable action) {
        front.addFirst(new Step(what, action));
    }

    /** Takes {@code what} down after the front ends, before what was added so far for the end. */
    void last(String what, Runnable action) {
        back.addFirst(new Step(what, action));
    }

    /** Takes everything down, once. */
    void run() {
        front.addAll(back);
        back.clear();
        RuntimeException failure = null;
        for (Step step = front.poll(); step != null; step = front.poll()) {
            try {
                step.action.run();
            } catch (RuntimeException e) {
                log.error("cannot close {} cleanly", step.what, e);
                failure = failure == null ? e : failure;
            }
        }
        if (failure != null) {
            throw failure;
        }
    }
}
