package io.nereid.protocol.http;

import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;

/** The members that put a tensor into shared memory (HTTP protocol section 12.5). */
final class SharedMemory {
    /** Member that names the region. */
    static final String REGION = "shared_memory_region";

    private SharedMemory() {}

    /** The refusal of a tensor in shared memory. */
    static StatusException unsupported(String region) {
        return new StatusException(
                StatusCode.UNSUPPORTED,
                "shared memory region '"
                        + region
                        + "' can not be used: tensors in shared memory are not supported. Please"
                        + " use the binary data format.");
    }
}
