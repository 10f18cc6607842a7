package io.nereid.ensemble;

/**
 * How many tensors a run holds for steps and responses to come, those of steps on their way
 * included. Used by one thread at a time.
 */
final class HeldMeter {
    private long tensors;
    private long bytes;

    void add(long byteSize) {
        tensors++;
        bytes += byteSize;
    }

    void remove(long byteSize) {
        tensors--;
        bytes -= byteSize;
    }

    long tensors() {
        return tensors;
    }

    long bytes() {
        return bytes;
    }
}
