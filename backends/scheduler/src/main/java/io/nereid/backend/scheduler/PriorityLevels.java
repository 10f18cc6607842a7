package io.nereid.backend.scheduler;

import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Collections;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Queue;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Requests by priority level, the most urgent first; within a level those that wait within their
 * time in order of arrival, then those that have overstayed it in the order in which they did
 * (schedulers section 5). There may be any number of levels: they come into being with their first
 * request. Used by one thread at a time.
 */
final class PriorityLevels implements Iterable<Waiting> {
    /** Levels that are kept although nobody waits in them. */
    private static final int KEPT = 64;

    private final SortedMap<Long, Level> levels = new TreeMap<>(Long::compareUnsigned);
    private int size;

    private static final class Level {
        final WaitingList inTime = new WaitingList();
        final WaitingList delayed = new WaitingList();

        int size() {
            return inTime.size() + delayed.size();
        }
    }

    /** Requests that wait. */
    int size() {
        return size;
    }

    /** Requests that wait in a level. */
    int size(long level) {
        Level found = levels.get(level);
        return found == null ? 0 : found.size();
    }

    /** Puts a place at the end of those of its level that wait within their time. */
    void add(Waiting place) {
        levels.computeIfAbsent(place.level(), _ -> new Level()).inTime.add(place);
        size++;
    }

    /** Puts a place behind all others of its level. */
    void delay(Waiting place) {
        Level level = levels.get(place.level());
        if (level == null || !WaitingList.remove(place)) {
            throw new IllegalStateException("a place is delayed that nobody has");
        }
        level.delayed.add(place);
    }

    /** Takes a place out; false if it has left before. */
    boolean remove(Waiting place) {
        if (!WaitingList.remove(place)) {
            return false;
        }
        size--;
        if (levels.size() > KEPT && size(place.level()) == 0) {
            levels.remove(place.level());
        }
        return true;
    }

    /** In the order in which they are to be executed. The place given last may be removed. */
    @Override
    public Iterator<Waiting> iterator() {
        // Of the levels as they are now: removing a place may remove its level.
        return new Chain(levels.values());
    }

    /** The lists of several levels, one after the other. */
    private static final class Chain implements Iterator<Waiting> {
        private final Queue<WaitingList> lists = new ArrayDeque<>();
        private Iterator<Waiting> current = Collections.emptyIterator();

        Chain(Collection<Level> levels) {
            for (Level level : levels) {
                lists.add(level.inTime);
                lists.add(level.delayed);
            }
        }

        @Override
        public boolean hasNext() {
            while (!current.hasNext() && !lists.isEmpty()) {
                current = lists.remove().iterator();
            }
            return current.hasNext();
        }

        @Override
        public Waiting next() {
            if (!hasNext()) {
                throw new NoSuchElementException();
            }
            return current.next();
        }
    }
}
