package io.nereid.server;

import io.nereid.protocol.CopyMeter;
import io.nereid.protocol.Owned;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.TensorAllocator;
import io.nereid.protocol.TensorBuffer;

/**
 * Gives out blocks only while the server has room for them: each counts as bytes in flight from
 * before it is allocated until its last reference is closed. May be used from any thread.
 */
public final class AdmittedAllocator implements TensorAllocator {
    private final TensorAllocator allocator;
    private final Admission admission;

    /**
     * @param allocator gives the blocks
     * @param admission counts them
     */
    public AdmittedAllocator(TensorAllocator allocator, Admission admission) {
        this.allocator = allocator;
        this.admission = admission;
    }

    /**
     * A block that counts as bytes in flight.
     *
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

    /** Counts the copies made with these blocks, and with the allocator's others. */
    @Override
    public CopyMeter copies() {
        return allocator.copies();
    }
}
