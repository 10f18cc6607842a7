package io.nereid.server.measures;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/**
 * Numbers that several threads add to, each in cells of its own, so that adding is no more than a
 * read and a write: many numbers are counted for every request. Adding happens on any thread and
 * waits for nobody; a reading may be torn between two cells.
 */
final class ThreadCells {
    private static final VarHandle CELL = MethodHandles.arrayElementVarHandle(long[].class);

    private final int size;
    private final ThreadLocal<long[]> own = ThreadLocal.withInitial(this::open);

    @GuardedBy("this")
    private final List<Lane> lanes = new ArrayList<>();

    /** What threads have counted that have ended since. */
    @GuardedBy("this")
    private final long[] ended;

    /** Cells that only the thread writes that makes this. */
    private static final class Lane {
        private final WeakReference<Thread> owner = new WeakReference<>(Thread.currentThread());
        private final long[] cells;

        Lane(long[] cells) {
            this.cells = cells;
        }

        boolean hasEnded() {
            Thread thread = owner.get();
            return thread == null || !thread.isAlive();
        }

        void addTo(long[] sums) {
            for (int i = 0; i < sums.length; i++) {
                sums[i] += (long) CELL.getOpaque(cells, i);
            }
        }
    }

    /**
     * @param size how many numbers
     */
    ThreadCells(int size) {
        this.size = size;
        this.ended = new long[size];
    }

    private synchronized long[] open() {
        long[] cells = new long[size];
        lanes.add(new Lane(cells));
        return cells;
    }

    /** The calling thread's cells, for {@link #add} on this thread. */
    long[] own() {
        return own.get();
    }

    /** Adds to a number. */
    static void add(long[] own, int index, long value) {
        CELL.setOpaque(own, index, own[index] + value);
    }

    /** All numbers now. */
    synchronized long[] read() {
        long[] sums = ended.clone();
        for (Iterator<Lane> each = lanes.iterator(); each.hasNext(); ) {
            Lane lane = each.next();
            // Looked at first: what a thread wrote last is seen once it has ended.
            boolean last = lane.hasEnded();
            lane.addTo(sums);
            if (last) {
                lane.addTo(ended);
                each.remove();
            }
        }
        return sums;
    }
}
