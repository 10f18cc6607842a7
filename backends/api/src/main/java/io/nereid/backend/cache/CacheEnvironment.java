package io.nereid.backend.cache;

import io.nereid.protocol.TensorAllocator;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * What a response cache may use.
 *
 * @param settings {@code --cache-config} by setting
 * @param variables environment of the process
 * @param allocator memory for tensors; stays the caller's
 * @param nanoTime clock in nanoseconds, as {@link System#nanoTime}
 */
public record CacheEnvironment(
        Map<String, String> settings,
        Map<String, String> variables,
        TensorAllocator allocator,
        LongSupplier nanoTime) {
    public CacheEnvironment {
        settings = Map.copyOf(settings);
        variables = Map.copyOf(variables);
    }

    /** Prints names only: values may be secrets. */
    @Override
    public String toString() {
        return "CacheEnvironment" + settings.keySet();
    }
}
