package io.nereid.server.netty;

import io.nereid.protocol.Owned;
import io.nereid.protocol.SharedMemory;
import io.nereid.protocol.TensorAllocator;
import io.nereid.protocol.TensorBuffer;
import io.nereid.server.Admission;
import io.nereid.server.AdmittedAllocator;

/**
 * Shared memory of which the copies count as bytes in flight: a small body can name any number of
 * large regions, so admitting the body is not enough.
 */
final class AdmittedSharedMemory implements SharedMemory {
    private final SharedMemory memory;
    private final Admission admission;

    AdmittedSharedMemory(SharedMemory memory, Admission admission) {
        this.memory = memory;
        this.admission = admission;
    }

    @Override
    public @Owned Window open(String region, long offset, long byteSize) {
        return new AdmittedWindow(memory.open(region, offset, byteSize), admission);
    }

    private static final class AdmittedWindow implements Window {
        private final Window window;
        private final Admission admission;

        AdmittedWindow(@Owned Window window, Admission admission) {
            this.window = window;
            this.admission = admission;
        }

        @Override
        public String region() {
            return window.region();
        }

        @Override
        public long byteSize() {
            return window.byteSize();
        }

        @Override
        public @Owned TensorBuffer read(TensorAllocator allocator) {
            return window.read(new AdmittedAllocator(allocator, admission));
        }

        @Override
        public void write(TensorBuffer bytes) {
            window.write(bytes);
        }

        @Override
        public void close() {
            window.close();
        }
    }
}
