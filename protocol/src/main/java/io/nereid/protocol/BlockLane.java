package io.nereid.protocol;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Idle blocks of one size that a few threads share. Who takes or gives one block never waits for a
 * lane, but goes to another if it is busy. May be used from any thread.
 */
final class BlockLane {
    /**
     * @param arena holds the segment alone
     */
    record Block(MemorySegment segment, Arena arena) {}

    private static final int FIRST_BLOCKS = 4;

    private final int most;
    private final AtomicBoolean busy = new AtomicBoolean();

    // Guarded by busy.
    private @Nullable Block[] idle = new Block[0];
    private int count;

    /** Fewest idle blocks since unused ones were given back. */
    private int fewest;

    /**
     * @param most idle blocks that are kept
     */
    BlockLane(int most) {
        this.most = most;
    }

    /** The block that came last; null if there is none, or the lane is busy. */
    @Nullable Block poll() {
        if (!enter()) {
            return null;
        }
        try {
            if (count == 0) {
                return null;
            }
            count--;
            fewest = Math.min(fewest, count);
            Block last = idle[count];
            idle[count] = null;
            return last;
        } finally {
            leave();
        }
    }

    /** Keeps a block; says whether there was room for it and the lane was not busy. */
    boolean offer(Block block) {
        if (!enter()) {
            return false;
        }
        try {
            if (count == most) {
                return false;
            }
            if (count == idle.length) {
                idle = Arrays.copyOf(idle, Math.min(most, Math.max(FIRST_BLOCKS, 2 * count)));
            }
            idle[count++] = block;
            return true;
        } finally {
            leave();
        }
    }

    /** Those that have lain idle ever since the call before; counts anew from now on. */
    List<Block> takeUnused() {
        enterInTurn();
        try {
            List<Block> unused = take(fewest);
            fewest = count;
            return unused;
        } finally {
            leave();
        }
    }

    /** All of them. */
    List<Block> takeAll() {
        enterInTurn();
        try {
            fewest = 0;
            return take(count);
        } finally {
            leave();
        }
    }

    /** The oldest ones. */
    private List<Block> take(int number) {
        List<Block> taken = List.of(Arrays.copyOf(idle, number));
        System.arraycopy(idle, number, idle, 0, count - number);
        Arrays.fill(idle, count - number, count, null);
        count -= number;
        return taken;
    }

    /** Whoever is in is out in a moment. */
    private void enterInTurn() {
        while (!enter()) {
            Thread.onSpinWait();
        }
    }

    private boolean enter() {
        return busy.compareAndSet(false, true);
    }

    private void leave() {
        busy.setRelease(false);
    }
}
