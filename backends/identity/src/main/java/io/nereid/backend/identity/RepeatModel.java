package io.nereid.backend.identity;

import io.nereid.backend.BackendModel;
import io.nereid.backend.InstanceSpec;
import io.nereid.backend.ModelInstance;
import io.nereid.protocol.ModelConfig;
import io.nereid.protocol.Owned;
import io.nereid.protocol.TensorAllocator;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;

/** A model of the repeat backend; owns the thread that sends responses when their time comes. */
final class RepeatModel implements BackendModel {
    private final TensorAllocator allocator;
    private final ScheduledExecutorService timer;

    RepeatModel(ModelConfig config, TensorAllocator allocator) {
        this.allocator = allocator;
        this.timer =
                Executors.newSingleThreadScheduledExecutor(
                        Thread.ofPlatform()
                                .name("nereid-" + config.name() + "-timer")
                                .daemon()
                                .factory());
    }

    @Override
    public @Owned ModelInstance openInstance(InstanceSpec spec) {
        return new RepeatInstance(timer, allocator);
    }

    /** Every instance is closed before, so what the timer still holds was cancelled. */
    @Override
    public void close() {
        timer.shutdownNow();
    }
}
