package io.nereid.protocol;

import io.nereid.protocol.BlockLane.Block;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Native blocks that are recycled by size, because fresh large blocks cost more in page faults than
 * the copy into them. Sizes are rounded up to one of four steps per power of two. Each class keeps
 * a bounded number of idle blocks and the whole allocator a bounded number of idle bytes; what is
 * over goes back to the operating system.
 *
 * <p>Open blocks are counted, so that {@link #close} can tell a leak; with {@code traceOpenBlocks}
 * each remembers where it was allocated.
 */
public final class SlabAllocator implements TensorAllocator, AutoCloseable {
    private static final int SMALLEST_SHIFT = 8;
    private static final int CLASSES = (62 - SMALLEST_SHIFT) * 4;
    private static final int IDLE_BLOCKS_PER_CLASS = 64;

    /** A power of two. Event loops and instances rarely meet in one. */
    private static final int LANES = 4;

    /**
     * Small blocks of a class that are kept come to as many bytes. Freeing a block makes every
     * thread stop for a moment, which must not become part of a small request.
     */
    private static final long IDLE_BYTES_PER_CLASS = 4L << 20;

    /**
     * Least size of blocks that are given back when nobody has needed them for a while. Smaller
     * ones are many and come to little, and freeing one makes every thread stop for a moment.
     */
    private static final long LARGE = 64L << 10;

    private final long maxIdleBytes;
    private final boolean traceOpenBlocks;
    private final CopyMeter copies = new CopyMeter();
    private final SizeClass[] classes = new SizeClass[CLASSES];
    private final AtomicLong idleBytes = new AtomicLong();
    private final Set<Throwable> traces = ConcurrentHashMap.newKeySet();

    /** Set once; a block that comes back while it is being set is freed by whoever sees both. */
    private volatile boolean closed;

    /**
     * @param maxIdleBytes most bytes kept for recycling
     * @param traceOpenBlocks remember where each open block was allocated (for tests; slow)
     */
    public SlabAllocator(long maxIdleBytes, boolean traceOpenBlocks) {
        this.maxIdleBytes = maxIdleBytes;
        this.traceOpenBlocks = traceOpenBlocks;
        for (int i = 0; i < CLASSES; i++) {
            classes[i] = new SizeClass(sizeOfClass(i));
        }
    }

    @Override
    public TensorBuffer allocate(long byteSize) {
        if (byteSize < 0) {
            throw new IllegalStateException("a block of " + byteSize + " bytes");
        }
        if (byteSize > sizeOfClass(CLASSES - 1)) {
            throw new StatusException(StatusCode.UNAVAILABLE, notEnough(byteSize));
        }
        SizeClass sizeClass = classes[classOfSize(byteSize)];
        Block block = sizeClass.take();
        MemorySegment part = block.segment().asSlice(0, byteSize);
        if (!traceOpenBlocks) {
            return TensorBuffer.wrap(part, () -> sizeClass.giveBack(block));
        }
        Throwable trace = new Throwable(byteSize + " bytes allocated here");
        traces.add(trace);
        return TensorBuffer.wrap(
                part,
                () -> {
                    traces.remove(trace);
                    sizeClass.giveBack(block);
                });
    }

    @Override
    public CopyMeter copies() {
        return copies;
    }

    /** Blocks whose last reference is not closed. */
    public long openBlocks() {
        return Stream.of(classes).mapToLong(SizeClass::open).sum();
    }

    /** Bytes of open blocks, rounded up as they are allocated. */
    public long openBytes() {
        return Stream.of(classes).mapToLong(size -> size.open() * size.byteSize).sum();
    }

    /** Bytes of blocks kept for recycling. */
    long idleBytes() {
        return idleBytes.get();
    }

    /**
     * Frees the large blocks that nobody has needed since the call before: of each size as many as
     * lay idle all the time. Called again and again by one thread.
     *
     * @return bytes that were freed
     */
    public long releaseUnused() {
        long freed = 0;
        for (SizeClass sizeClass : classes) {
            if (sizeClass.byteSize >= LARGE) {
                freed += sizeClass.releaseUnused();
            }
        }
        return freed;
    }

    /**
     * Frees idle blocks, and from now on every block that comes back.
     *
     * @throws IllegalStateException if blocks are still open; they stay valid
     */
    @Override
    public void close() {
        closed = true;
        for (SizeClass sizeClass : classes) {
            sizeClass.freeIdle();
        }
        long leaked = openBlocks();
        if (leaked != 0) {
            IllegalStateException leak =
                    new IllegalStateException(leaked + " tensor blocks were not closed");
            traces.forEach(leak::addSuppressed);
            throw leak;
        }
    }

    private static String notEnough(long byteSize) {
        return "not enough native memory for a tensor of " + byteSize + " bytes";
    }

    static int classOfSize(long byteSize) {
        if (byteSize <= 1L << SMALLEST_SHIFT) {
            return 0;
        }
        int shift = 63 - Long.numberOfLeadingZeros(byteSize - 1);
        long quarter = 1L << (shift - 2);
        int step = (int) ((byteSize - 1 - (1L << shift)) / quarter);
        return (shift - SMALLEST_SHIFT) * 4 + step + 1;
    }

    static long sizeOfClass(int index) {
        if (index == 0) {
            return 1L << SMALLEST_SHIFT;
        }
        int shift = (index - 1) / 4 + SMALLEST_SHIFT;
        return (1L << shift) + ((index - 1) % 4 + 1) * (1L << (shift - 2));
    }

    /** Blocks of one size. */
    private final class SizeClass {
        final long byteSize;
        private final BlockLane[] lanes = new BlockLane[LANES];
        private final LongAdder open = new LongAdder();

        SizeClass(long byteSize) {
            this.byteSize = byteSize;
            long mostIdle = Math.max(IDLE_BLOCKS_PER_CLASS, IDLE_BYTES_PER_CLASS / byteSize);
            for (int i = 0; i < LANES; i++) {
                lanes[i] = new BlockLane((int) mostIdle / LANES);
            }
        }

        long open() {
            return open.sum();
        }

        Block take() {
            Block idle = poll();
            Block taken = idle == null ? fresh() : idle;
            open.increment();
            return taken;
        }

        private @Nullable Block poll() {
            for (int i = 0; i < LANES; i++) {
                Block idle = lane(i).poll();
                if (idle != null) {
                    idleBytes.addAndGet(-byteSize);
                    return idle;
                }
            }
            return null;
        }

        private Block fresh() {
            Arena arena = Arena.ofShared();
            try {
                return new Block(arena.allocate(byteSize, ALIGNMENT), arena);
            } catch (OutOfMemoryError e) {
                arena.close();
                throw new StatusException(StatusCode.UNAVAILABLE, notEnough(byteSize), e);
            }
        }

        void giveBack(Block block) {
            open.decrement();
            if (closed || !isKept(block)) {
                block.arena().close();
            } else if (closed) {
                freeIdle();
            }
        }

        private boolean isKept(Block block) {
            if (idleBytes.addAndGet(byteSize) <= maxIdleBytes) {
                for (int i = 0; i < LANES; i++) {
                    if (lane(i).offer(block)) {
                        return true;
                    }
                }
            }
            idleBytes.addAndGet(-byteSize);
            return false;
        }

        /** The calling thread's lane, then the others. */
        private BlockLane lane(int turn) {
            return lanes[(int) (Thread.currentThread().threadId() + turn) & (LANES - 1)];
        }

        long freeIdle() {
            return free(BlockLane::takeAll);
        }

        long releaseUnused() {
            return free(BlockLane::takeUnused);
        }

        /** Bytes that were freed. */
        private long free(Function<BlockLane, List<Block>> choice) {
            long freed = 0;
            for (BlockLane lane : lanes) {
                for (Block block : choice.apply(lane)) {
                    block.arena().close();
                    freed += byteSize;
                }
            }
            idleBytes.addAndGet(-freed);
            return freed;
        }
    }
}
