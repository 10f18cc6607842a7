package io.nereid.protocol;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

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
    private final AtomicLong openBlocks = new AtomicLong();
    private final AtomicLong openBytes = new AtomicLong();
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
        openBlocks.incrementAndGet();
        openBytes.addAndGet(sizeClass.byteSize);
        MemorySegment part = block.segment.asSlice(0, byteSize);
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
        return openBlocks.get();
    }

    /** Bytes of open blocks, rounded up as they are allocated. */
    public long openBytes() {
        return openBytes.get();
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
        if (openBlocks.get() != 0) {
            IllegalStateException leak =
                    new IllegalStateException(openBlocks.get() + " tensor blocks were not closed");
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

    private record Block(MemorySegment segment, Arena arena) {}

    private final class SizeClass {
        final long byteSize;
        private final int mostIdle;
        private final ConcurrentLinkedQueue<Block> idle = new ConcurrentLinkedQueue<>();
        private final AtomicInteger idleCount = new AtomicInteger();

        /**
         * Fewest idle blocks since unused ones were released. A lost update only frees a block that
         * was needed.
         */
        private int fewestIdle;

        SizeClass(long byteSize) {
            this.byteSize = byteSize;
            this.mostIdle = (int) Math.max(IDLE_BLOCKS_PER_CLASS, IDLE_BYTES_PER_CLASS / byteSize);
        }

        Block take() {
            Block recycled = idle.poll();
            if (recycled != null) {
                int left = idleCount.decrementAndGet();
                if (left < fewestIdle) {
                    fewestIdle = left;
                }
                idleBytes.addAndGet(-byteSize);
                return recycled;
            }
            Arena arena = Arena.ofShared();
            try {
                return new Block(arena.allocate(byteSize, ALIGNMENT), arena);
            } catch (OutOfMemoryError e) {
                arena.close();
                throw new StatusException(StatusCode.UNAVAILABLE, notEnough(byteSize), e);
            }
        }

        void giveBack(Block block) {
            openBlocks.decrementAndGet();
            openBytes.addAndGet(-byteSize);
            if (closed || !mayKeep()) {
                block.arena.close();
                return;
            }
            idle.add(block);
            if (closed) {
                freeIdle();
            }
        }

        private boolean mayKeep() {
            if (idleCount.incrementAndGet() > mostIdle) {
                idleCount.decrementAndGet();
                return false;
            }
            if (idleBytes.addAndGet(byteSize) > maxIdleBytes) {
                idleBytes.addAndGet(-byteSize);
                idleCount.decrementAndGet();
                return false;
            }
            return true;
        }

        void freeIdle() {
            while (freeOne()) {}
        }

        long releaseUnused() {
            int unused = fewestIdle;
            int freed = 0;
            while (freed < unused && freeOne()) {
                freed++;
            }
            fewestIdle = idleCount.get();
            return freed * byteSize;
        }

        /** Whether there was an idle block to free. */
        private boolean freeOne() {
            Block block = idle.poll();
            if (block == null) {
                return false;
            }
            idleCount.decrementAndGet();
            idleBytes.addAndGet(-byteSize);
            block.arena.close();
            return true;
        }
    }
}
