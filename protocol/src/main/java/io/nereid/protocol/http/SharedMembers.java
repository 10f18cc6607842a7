package io.nereid.protocol.http;

import io.nereid.protocol.Owned;
import io.nereid.protocol.SharedMemory;
import io.nereid.protocol.StatusException;

/**
 * Where the parameters that put a tensor into shared memory stand in the text (HTTP protocol
 * section 12.5). Of parameters with the same name the first one counts. Reused from tensor to
 * tensor.
 */
final class SharedMembers {
    private static final long NONE = InputMembers.NONE;

    /** The parameter that makes a tensor one in shared memory. */
    static final String REGION = "shared_memory_region";

    private static final String OFFSET = "shared_memory_offset";
    private static final String BYTE_SIZE = "shared_memory_byte_size";

    private long region;
    private long offset;
    private long byteSize;

    void clear() {
        region = offset = byteSize = NONE;
    }

    /** Notes the member at the cursor, which stays there, if it is one of them. */
    void note(JsonCursor cursor) {
        if (region == NONE && cursor.nameIs(REGION)) {
            region = cursor.position();
        } else if (offset == NONE && cursor.nameIs(OFFSET)) {
            offset = cursor.position();
        } else if (byteSize == NONE && cursor.nameIs(BYTE_SIZE)) {
            byteSize = cursor.position();
        }
    }

    /** Whether the tensor is in shared memory. */
    boolean present() {
        return region != NONE;
    }

    /**
     * Opens the tensor's place.
     *
     * @throws StatusException INVALID_ARG for a parameter of another type; NOT_FOUND or INVALID_ARG
     *     if there is no such place
     */
    @Owned
    SharedMemory.Window open(JsonAccess access, SharedMemory memory) {
        return memory.open(
                access.string(region, REGION),
                offset == NONE ? 0 : access.unsigned(offset, OFFSET),
                byteSize == NONE ? 0 : access.unsigned(byteSize, BYTE_SIZE));
    }
}
