package io.nereid.protocol;

import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicInteger;

/** The only implementation of {@link TensorBuffer}: slices share the counter of their root. */
final class CountedBuffer implements TensorBuffer {
    private final MemorySegment segment;
    private final Counter counter;

    CountedBuffer(MemorySegment segment, Runnable release) {
        this(segment, new Counter(release));
    }

    private CountedBuffer(MemorySegment segment, Counter counter) {
        if (!segment.isNative()) {
            throw new IllegalStateException("tensor bytes must lie in native memory: " + segment);
        }
        this.segment = segment;
        this.counter = counter;
    }

    @Override
    public MemorySegment segment() {
        counter.requireOpen();
        return segment;
    }

    @Override
    public long byteSize() {
        return segment.byteSize();
    }

    @Override
    public TensorBuffer retain() {
        counter.retain();
        return this;
    }

    @Override
    public TensorBuffer slice(long offset, long byteSize) {
        MemorySegment part = segment.asSlice(offset, byteSize);
        counter.retain();
        return new CountedBuffer(part, counter);
    }

    @Override
    public void close() {
        counter.release();
    }

    @Override
    public String toString() {
        return "TensorBuffer["
                + byteSize()
                + " bytes, "
                + counter.references.get()
                + " references]";
    }

    private static final class Counter {
        final AtomicInteger references = new AtomicInteger(1);
        private final Runnable onLast;

        Counter(Runnable onLast) {
            this.onLast = onLast;
        }

        void requireOpen() {
            if (references.get() <= 0) {
                throw new IllegalStateException(
                        "tensor buffer used after its last reference was closed");
            }
        }

        void retain() {
            if (references.getAndUpdate(n -> n <= 0 ? n : n + 1) <= 0) {
                throw new IllegalStateException(
                        "tensor buffer retained after its last reference was closed");
            }
        }

        void release() {
            int before = references.getAndDecrement();
            if (before == 1) {
                onLast.run();
            } else if (before <= 0) {
                throw new IllegalStateException("tensor buffer closed once too often");
            }
        }
    }
}
