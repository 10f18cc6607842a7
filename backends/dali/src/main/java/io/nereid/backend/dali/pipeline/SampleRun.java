package io.nereid.backend.dali.pipeline;

import io.nereid.backend.dali.tensor.Sample;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** One sample on its way through a pipeline. Used by one thread at a time. */
final class SampleRun {
    private final @Nullable Sample[] tensors;
    private Optional<String> failure = Optional.empty();

    SampleRun(int slots) {
        tensors = new Sample[slots];
    }

    Sample tensor(int slot) {
        Sample sample = tensors[slot];
        if (sample == null) {
            throw new IllegalStateException("tensor " + slot + " is not there");
        }
        return sample;
    }

    void put(int slot, Sample sample) {
        tensors[slot] = sample;
    }

    void drop(int slot) {
        tensors[slot] = null;
    }

    void fail(String text) {
        failure = Optional.of(text);
    }

    Optional<String> failure() {
        return failure;
    }
}
