package io.nereid.server.sharedmemory;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.nereid.protocol.CopyMeter;
import io.nereid.protocol.Owned;
import io.nereid.protocol.SharedMemory;
import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.TensorAllocator;
import io.nereid.protocol.TensorBuffer;
import io.nereid.server.sharedmemory.SharedMemoryControl.SystemRegion;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A registered region. Lives from its registration until it is retired and its last window is
 * closed. May be used from any thread.
 */
final class Region {
    private static final Logger log = LoggerFactory.getLogger(Region.class);

    private final SystemRegion description;
    private final SharedObject object;
    private final CopyMeter copies;
    private final Runnable onEnd;

    @GuardedBy("this")
    private int windows;

    @GuardedBy("this")
    private boolean retired;

    /**
     * @param copies counts what is written
     * @param onEnd called once when the region ends, on whichever thread ends it
     */
    Region(SystemRegion description, @Owned SharedObject object, CopyMeter copies, Runnable onEnd) {
        this.description = description;
        this.object = object;
        this.copies = copies;
        this.onEnd = onEnd;
    }

    SystemRegion description() {
        return description;
    }

    /** A window, unless the region is retired. The part must lie within the region. */
    Optional<SharedMemory.Window> open(long offset, long byteSize) {
        synchronized (this) {
            if (retired) {
                return Optional.empty();
            }
            windows++;
        }
        return Optional.of(new Part(description.offset() + offset, byteSize));
    }

    /** Opens no window any more, and ends as soon as none is left. */
    void retire() {
        synchronized (this) {
            if (retired) {
                return;
            }
            retired = true;
            if (windows > 0) {
                return;
            }
        }
        end();
    }

    private void windowClosed() {
        synchronized (this) {
            windows--;
            if (!retired || windows > 0) {
                return;
            }
        }
        end();
    }

    private void end() {
        try {
            object.close();
        } catch (IOException e) {
            log.warn("cannot close shared memory region '{}'", description.name(), e);
        }
        onEnd.run();
    }

    private StatusException gone(Optional<IOException> cause) {
        String text =
                "shared memory region '"
                        + description.name()
                        + "' can not be used any more: object '"
                        + description.key()
                        + "' is smaller than it was when it was registered"
                        + " or can not be accessed";
        return cause.map(e -> new StatusException(StatusCode.INTERNAL, text, e))
                .orElseGet(() -> new StatusException(StatusCode.INTERNAL, text));
    }

    /** A part of the region, counted from the start of the object. */
    private final class Part implements SharedMemory.Window {
        private final long offset;
        private final long byteSize;
        private final AtomicBoolean closed = new AtomicBoolean();

        Part(long offset, long byteSize) {
            this.offset = offset;
            this.byteSize = byteSize;
        }

        @Override
        public String region() {
            return description.name();
        }

        @Override
        public long byteSize() {
            return byteSize;
        }

        @Override
        public @Owned TensorBuffer read(TensorAllocator allocator) {
            TensorBuffer block = allocator.allocate(byteSize);
            boolean complete = false;
            try {
                complete = object.read(offset, block.segment());
            } catch (IOException e) {
                throw gone(Optional.of(e));
            } finally {
                if (!complete) {
                    block.close();
                }
            }
            if (!complete) {
                throw gone(Optional.empty());
            }
            allocator.copies().count(CopyMeter.Site.SHARED_INPUT, byteSize);
            return block;
        }

        @Override
        public void write(TensorBuffer bytes) {
            if (bytes.byteSize() > byteSize) {
                throw new IndexOutOfBoundsException(
                        bytes.byteSize() + " bytes for a window of " + byteSize);
            }
            boolean complete;
            try {
                complete = object.write(offset, bytes.segment());
            } catch (IOException e) {
                throw gone(Optional.of(e));
            }
            if (!complete) {
                throw gone(Optional.empty());
            }
            copies.count(CopyMeter.Site.SHARED_OUTPUT, bytes.byteSize());
        }

        @Override
        public void close() {
            if (!closed.compareAndSet(false, true)) {
                throw new IllegalStateException(
                        "window of shared memory region '" + description.name() + "' closed twice");
            }
            windowClosed();
        }
    }
}
