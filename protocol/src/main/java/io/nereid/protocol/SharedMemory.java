package io.nereid.protocol;

/**
 * Regions of memory that clients share with the server, by the names under which they were
 * registered (HTTP protocol sections 10 and 12.5). May be used from any thread; never blocks.
 */
public interface SharedMemory {
    /** Knows no region. */
    SharedMemory NONE =
            (region, _, _) -> {
                throw new StatusException(
                        StatusCode.NOT_FOUND,
                        "Unable to find shared memory region: '" + region + "'");
            };

    /**
     * A part of a region. The region stays mapped until the window is closed, also if it is
     * unregistered meanwhile.
     *
     * @param region name of the region
     * @param offset first byte, an unsigned number counted from the start of the region
     * @param byteSize size of the part in bytes, an unsigned number
     * @throws StatusException NOT_FOUND for an unknown region, INVALID_ARG for a part that does not
     *     lie within it, with the texts of section 12.5
     */
    @Owned
    Window open(String region, long offset, long byteSize);

    /** A part of a region; used by one thread at a time. */
    interface Window extends AutoCloseable {
        /** Name of the region. */
        String region();

        /** Size in bytes. */
        long byteSize();

        /**
         * A copy of what the client wrote. A copy, because a client may change the region at any
         * time, and may even take the memory away.
         *
         * @throws StatusException INTERNAL if the memory is gone
         */
        @Owned
        TensorBuffer read(TensorAllocator allocator);

        /**
         * Copies a tensor's bytes to the start of the window.
         *
         * @throws StatusException INTERNAL if the memory is gone
         * @throws IndexOutOfBoundsException if the bytes do not fit
         */
        void write(TensorBuffer bytes);

        /** Lets the region go. */
        @Override
        void close();
    }
}
