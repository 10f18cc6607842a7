package io.nereid.backend.identity;

import io.nereid.backend.BackendModel;
import io.nereid.backend.InstanceSpec;
import io.nereid.backend.ModelInstance;
import io.nereid.protocol.ModelConfig;
import io.nereid.protocol.Owned;
import io.nereid.protocol.TensorAllocator;
import io.nereid.protocol.TensorSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A configuration of the identity backend: which input is which output, and how long it takes. */
final class IdentityModel implements BackendModel {
    /**
     * An input and the output that it becomes.
     *
     * @param input the input
     * @param output the output, of the same type and, after reshape, dims
     */
    record Pair(TensorSpec input, TensorSpec output) {}

    private final List<Pair> pairs;
    private final long delayMillis;
    private final long delayMultiplier;
    private final TensorAllocator allocator;

    private IdentityModel(ModelConfig config, List<Pair> pairs, TensorAllocator allocator) {
        this.pairs = List.copyOf(pairs);
        this.delayMillis = Parameters.number(config, "execute_delay_ms");
        this.delayMultiplier = Parameters.number(config, "instance_wise_delay_multiplier");
        this.allocator = allocator;
    }

    static IdentityModel of(ModelConfig config, TensorAllocator allocator) {
        IdentityRules.check(config.message());
        List<TensorSpec> outputs = List.copyOf(config.outputs().values());
        List<Pair> pairs = new ArrayList<>();
        for (TensorSpec input : config.inputs().values()) {
            pairs.add(new Pair(input, outputs.get(pairs.size())));
        }
        return new IdentityModel(config, pairs, allocator);
    }

    /** Instance n waits n times the multiplier longer, the first one the plain delay. */
    @Override
    public @Owned ModelInstance openInstance(InstanceSpec spec) {
        long factor = Math.max(1, spec.index() * delayMultiplier);
        long delay = Math.multiplyExact(delayMillis, factor);
        return new IdentityInstance(pairs, TimeUnit.MILLISECONDS.toNanos(delay), allocator);
    }

    @Override
    public void close() {}
}
