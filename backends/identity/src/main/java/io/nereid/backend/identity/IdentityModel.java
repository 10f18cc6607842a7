package io.nereid.backend.identity;

import io.nereid.backend.BackendModel;
import io.nereid.backend.InstanceSpec;
import io.nereid.backend.ModelInstance;
import io.nereid.protocol.ModelConfig;
import io.nereid.protocol.Owned;
import io.nereid.protocol.StatusException;
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
        List<TensorSpec> inputs = List.copyOf(config.inputs().values());
        List<TensorSpec> outputs = List.copyOf(config.outputs().values());
        if (inputs.size() != outputs.size()) {
            throw mismatch(
                    config,
                    "must have as many outputs as inputs, got "
                            + inputs.size()
                            + " inputs and "
                            + outputs.size()
                            + " outputs");
        }
        List<Pair> pairs = new ArrayList<>();
        for (int i = 0; i < inputs.size(); i++) {
            pairs.add(pair(config, inputs.get(i), outputs.get(i)));
        }
        return new IdentityModel(config, pairs, allocator);
    }

    private static Pair pair(ModelConfig config, TensorSpec input, TensorSpec output) {
        String names = "'" + input.name() + "' and '" + output.name() + "'";
        if (!suffix(input.name(), "INPUT").equals(suffix(output.name(), "OUTPUT"))) {
            throw mismatch(config, "must list an output for each input in order, got " + names);
        }
        if (input.type() != output.type()) {
            throw mismatch(
                    config,
                    "must give one data type to "
                            + names
                            + ", got "
                            + input.type().configType()
                            + " and "
                            + output.type().configType());
        }
        if (!input.modelDims().equals(output.modelDims())) {
            throw mismatch(
                    config,
                    "must give one shape to "
                            + names
                            + ", got "
                            + input.modelDims()
                            + " and "
                            + output.modelDims());
        }
        return new Pair(input, output);
    }

    /** What follows the prefix; names without the prefix match any other. */
    private static String suffix(String name, String prefix) {
        return name.startsWith(prefix) ? name.substring(prefix.length()) : "";
    }

    private static StatusException mismatch(ModelConfig config, String text) {
        return StatusException.invalidArgument(
                "model '" + config.name() + "' of the identity backend " + text);
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
