package io.nereid.server.grpc;

import io.nereid.protocol.CopyMeter;
import io.nereid.protocol.Owned;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.TensorAllocator;
import io.nereid.protocol.TensorBuffer;
import io.nereid.server.Admission;

/**
 * Gives out blocks only while the server has room for them: each counts as bytes in flight from
 * before it is allocated until its last reference is closed. May be used from any thread.
 */
final class AdmittedAllocator implements TensorAllocator {
    private final TensorAllocator allocator;
    private final Admission admission;

    AdmittedAllocator(TensorAllocator allocator, Admission admission) {
        this.allocator = allocator;
        this.admission = admission;
    }

    /**
     * @throws StatusException INVALID_ARG if there can never be room, UNAVAILABLE if there is none
     *     now
     */
    @Override
    public @Owned TensorBuffer allocate(long byteSize) {
        admission.reserve(byteSize);
        boolean allocated = false;
        try {
            TensorBuffer block = allocator.allocate(byteSize);
            allocated = true;
            return TensorBuffer.wrap(
                    block.segment(),
                    () -> {
                        block.close();
                        admission.release(byteSize);
                    });
        } finally {
            if (!allocated) {
                admission.release(byteSize);
            }
        }
    }

    @Override
    public CopyMeter copies() {
        return allocator.copies();
    }
}
