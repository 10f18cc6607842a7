package io.nereid.protocol;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Regions in the memory of a test, which fails if a window is left open. */
public final class FakeSharedMemory implements SharedMemory, AfterEachCallback {
    /** What was opened, as {@code region+offset:byteSize}. */
    public final List<String> opened = new CopyOnWriteArrayList<>();

    private final Map<String, byte[]> regions = new ConcurrentHashMap<>();
    private final AtomicInteger openWindows = new AtomicInteger();

    /** Makes a region, or changes what is in it. */
    public void region(String name, int... bytes) {
        byte[] content = new byte[bytes.length];
        for (int i = 0; i < bytes.length; i++) {
            content[i] = (byte) bytes[i];
        }
        regions.put(name, content);
    }

    /** What is in a region. */
    public byte[] bytes(String name) {
        return bytesOf(name).clone();
    }

    /** Windows that are open now. */
    public int openWindows() {
        return openWindows.get();
    }

    @Override
    public Window open(String region, long offset, long byteSize) {
        byte[] bytes = bytesOf(region);
        opened.add(region + "+" + offset + ":" + byteSize);
        if (Long.compareUnsigned(offset, bytes.length) > 0
                || Long.compareUnsigned(byteSize, bytes.length - offset) > 0) {
            throw StatusException.invalidArgument(
                    "fake: " + Long.toUnsignedString(offset) + " + " + byteSize);
        }
        openWindows.incrementAndGet();
        return new Part(region, (int) offset, byteSize);
    }

    private byte[] bytesOf(String region) {
        byte[] bytes = regions.get(region);
        if (bytes == null) {
            throw new StatusException(
                    StatusCode.NOT_FOUND, "Unable to find shared memory region: '" + region + "'");
        }
        return bytes;
    }

    @Override
    public void afterEach(ExtensionContext context) {
        if (openWindows.get() != 0) {
            throw new AssertionError(openWindows + " windows of shared memory left open");
        }
    }

    private final class Part implements Window {
        private final String region;
        private final int offset;
        private final long byteSize;
        private boolean closed;

        Part(String region, int offset, long byteSize) {
            this.region = region;
            this.offset = offset;
            this.byteSize = byteSize;
        }

        @Override
        public String region() {
            return region;
        }

        @Override
        public long byteSize() {
            return byteSize;
        }

        @Override
        public TensorBuffer read(TensorAllocator allocator) {
            TensorBuffer block = allocator.allocate(byteSize);
            MemorySegment.copy(
                    bytesOf(region),
                    offset,
                    block.segment(),
                    ValueLayout.JAVA_BYTE,
                    0,
                    (int) byteSize);
            allocator.copies().count(CopyMeter.Site.SHARED_INPUT, byteSize);
            return block;
        }

        @Override
        public void write(TensorBuffer bytes) {
            MemorySegment.copy(
                    bytes.segment(),
                    ValueLayout.JAVA_BYTE,
                    0,
                    bytesOf(region),
                    offset,
                    (int) bytes.byteSize());
        }

        @Override
        public void close() {
            if (closed) {
                throw new IllegalStateException("window closed twice");
            }
            closed = true;
            openWindows.decrementAndGet();
        }
    }
}
