package io.nereid.backend.scheduler;

import java.util.Iterator;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/**
 * Requests in the order in which they came here, any of which can leave at once: places are linked
 * to one another. Used by one thread at a time.
 */
final class WaitingList implements Iterable<Waiting> {
    private @Nullable Waiting first;
    private @Nullable Waiting last;
    private int size;

    int size() {
        return size;
    }

    /** Puts a place that stands nowhere at the end. */
    void add(Waiting place) {
        if (place.isQueued()) {
            throw new IllegalStateException("a place stands in two lists");
        }
        place.list = this;
        place.before = last;
        if (last == null) {
            first = place;
        } else {
            last.after = place;
        }
        last = place;
        size++;
    }

    /** Takes a place out of the list that it stands in; false if it stands in none. */
    static boolean remove(Waiting place) {
        WaitingList list = place.list;
        if (list == null) {
            return false;
        }
        list.unlink(place);
        return true;
    }

    private void unlink(Waiting place) {
        Waiting before = place.before;
        Waiting after = place.after;
        if (before == null) {
            first = after;
        } else {
            before.after = after;
        }
        if (after == null) {
            last = before;
        } else {
            after.before = before;
        }
        // Whoever still knows the place must not keep its former neighbours in memory.
        place.before = null;
        place.after = null;
        place.list = null;
        size--;
    }

    /** From the oldest on. The place given last may be removed on the way. */
    @Override
    public Iterator<Waiting> iterator() {
        return new Iterator<>() {
            private @Nullable Waiting next = first;

            @Override
            public boolean hasNext() {
                return next != null;
            }

            @Override
            public Waiting next() {
                Waiting place = next;
                if (place == null) {
                    throw new NoSuchElementException();
                }
                next = place.after;
                return place;
            }
        };
    }
}
