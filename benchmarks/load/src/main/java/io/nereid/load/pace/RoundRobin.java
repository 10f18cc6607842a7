package io.nereid.load.pace;

import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/** Requests that have nothing to do with one another, in turn. Used by one thread. */
public final class RoundRobin implements Course {
    private final List<Turn> turns;
    private int next;

    /** All requests of a set, beginning with number {@code first}. */
    public RoundRobin(int requests, int first) {
        this.turns =
                IntStream.range(0, requests).mapToObj(i -> new Turn(i, Optional.empty())).toList();
        this.next = first % requests;
    }

    @Override
    public Turn next() {
        Turn turn = turns.get(next);
        next = next + 1 == turns.size() ? 0 : next + 1;
        return turn;
    }

    @Override
    public boolean isOpen() {
        return false;
    }

    @Override
    public Turn last() {
        throw new IllegalStateException("single requests need no end");
    }

    @Override
    public void abandon() {
        // Nothing was begun.
    }
}
