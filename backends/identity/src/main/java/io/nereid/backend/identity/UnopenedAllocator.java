package io.nereid.backend.identity;

import io.nereid.protocol.CopyMeter;
import io.nereid.protocol.Owned;
import io.nereid.protocol.TensorAllocator;
import io.nereid.protocol.TensorBuffer;

/** Stands for the server's memory before a backend is opened. */
final class UnopenedAllocator implements TensorAllocator {
    @Override
    public @Owned TensorBuffer allocate(long byteSize) {
        throw new IllegalStateException("backend used before it was opened");
    }

    @Override
    public CopyMeter copies() {
        throw new IllegalStateException("backend used before it was opened");
    }
}
