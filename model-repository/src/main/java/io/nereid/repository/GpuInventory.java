package io.nereid.repository;

import java.util.List;

/**
 * The GPUs that models may use.
 *
 * @param supported whether this server can use GPUs at all
 * @param usableIds numbers of the GPUs with at least the required compute capability, ascending
 * @param minimumComputeCapability required compute capability, such as 7.5
 */
public record GpuInventory(
        boolean supported, List<Integer> usableIds, double minimumComputeCapability) {
    /** A server that computes on CPUs only. */
    public static final GpuInventory NONE = new GpuInventory(false, List.of(), 7.5);

    /** Copies the list. */
    public GpuInventory {
        usableIds = List.copyOf(usableIds);
    }
}
