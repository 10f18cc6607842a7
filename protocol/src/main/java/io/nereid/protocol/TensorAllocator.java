package io.nereid.protocol;

/** Where native memory for tensors comes from. May be used from any thread. */
public interface TensorAllocator {
    /** Alignment of every block in bytes; TensorFlow takes tensors in place only at this one. */
    int ALIGNMENT = 64;

    /**
     * A block of uninitialised native memory at an address that is a multiple of {@link
     * #ALIGNMENT}. A block of 0 bytes is legal.
     *
     * @throws StatusException UNAVAILABLE if the memory cannot be had
     */
    @Owned
    TensorBuffer allocate(long byteSize);

    /** Counts the copies of tensor bytes made with this allocator's blocks. */
    CopyMeter copies();
}
