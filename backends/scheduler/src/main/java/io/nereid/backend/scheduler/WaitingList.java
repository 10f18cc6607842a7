package io.nereid.backend.scheduler;

import io.nereid.backend.Batch;
import java.util.Iterator;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/**
 * Requests in order of arrival, any of which can leave at once: places are linked to one another.
 * Used by one thread at a time.
 */
final class WaitingList implements Iterable<Waiting> {
    private @Nullable Waiting first;
    private @Nullable Waiting last;
    private int size;
    private long places;

    int size() {
        return size;
    }

    /** Gives a request the last place. */
    Waiting add(Batch.Item item) {
        Waiting place = new Waiting(item, places++);
        place.before = last;
        if (last == null) {
            first = place;
        } else {
            last.after = place;
        }
        last = place;
        size++;
        return place;
    }

    /** Gives a place up; false if that was done before. */
    boolean remove(Waiting place) {
        if (!place.queued) {
            return false;
        }
        place.queued = false;
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
        size--;
        return true;
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
