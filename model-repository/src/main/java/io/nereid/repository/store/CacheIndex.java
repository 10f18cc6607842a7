package io.nereid.repository.store;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * What a cache holds, in the order in which it was last used, and who needs it. Pure bookkeeping;
 * used under the cache's lock.
 */
final class CacheIndex {
    /** A file, there or on its way. */
    static final class Entry {
        private final long size;
        private int pins;
        private boolean present;

        /** Held by whoever downloads it, so that others wait. */
        final ReentrantLock loading = new ReentrantLock();

        Entry(long size) {
            this.size = size;
        }
    }

    private final long limit;
    private final LinkedHashMap<String, Entry> entries = new LinkedHashMap<>(16, 0.75f, true);
    private long total;

    /**
     * @param limit bytes beyond which files go that nobody needs
     */
    CacheIndex(long limit) {
        this.limit = limit;
    }

    /** Tells of a file that was there before; the most recently used comes last. */
    void restore(String id, long size) {
        add(id, size).present = true;
    }

    /** Keeps a file from going, used just now; it may have to be downloaded yet. */
    Entry pin(String id, long size) {
        Entry known = entries.get(id);
        Entry entry = known == null ? add(id, size) : known;
        entry.pins++;
        return entry;
    }

    private Entry add(String id, long size) {
        Entry entry = new Entry(size);
        entries.put(id, entry);
        total += size;
        return entry;
    }

    boolean isPresent(Entry entry) {
        return entry.present;
    }

    void setPresent(Entry entry, boolean present) {
        entry.present = present;
    }

    /** Ends a pin; a file that did not come is forgotten. */
    void unpin(String id) {
        Entry entry = entries.get(id);
        if (entry == null || entry.pins == 0) {
            throw new IllegalStateException(id + " is not pinned");
        }
        entry.pins--;
        if (entry.pins == 0 && !entry.present) {
            remove(id);
        }
    }

    private void remove(String id) {
        @Nullable Entry removed = entries.remove(id);
        total -= removed == null ? 0 : removed.size;
    }

    /** Forgets files, least recently used first, until the limit holds; those are to be deleted. */
    List<String> evict() {
        return evict(total - limit);
    }

    /** Forgets files that nobody needs until so many bytes are free; those are to be deleted. */
    List<String> evict(long bytes) {
        List<String> victims = new ArrayList<>();
        long freed = 0;
        for (Map.Entry<String, Entry> candidate : entries.entrySet()) {
            if (freed >= bytes) {
                break;
            }
            Entry entry = candidate.getValue();
            if (entry.present && entry.pins == 0) {
                victims.add(candidate.getKey());
                freed += entry.size;
            }
        }
        victims.forEach(this::remove);
        return victims;
    }

    /** Bytes of all files. */
    long total() {
        return total;
    }
}
