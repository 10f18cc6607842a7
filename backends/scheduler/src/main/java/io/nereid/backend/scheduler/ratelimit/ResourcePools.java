package io.nereid.backend.scheduler.ratelimit;

import io.nereid.protocol.StatusException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * How much there is of each resource, and how much of it is in use. Where no limits were given,
 * there is as much as the most demanding instance needs. Used by one thread at a time.
 */
final class ResourcePools {
    private final List<ResourceLimit> limits;
    private final List<InstanceDemand> demands = new ArrayList<>();
    private final Map<ResourceId, Long> capacities = new HashMap<>();
    private final Map<ResourceId, Long> used = new HashMap<>();

    /**
     * @param limits how much there is; if there are any, there is nothing of what they do not name
     */
    ResourcePools(List<ResourceLimit> limits) {
        this.limits = List.copyOf(limits);
    }

    /**
     * Takes an instance's demand into account.
     *
     * @throws StatusException INVALID_ARG if it could never be met; then nothing has changed
     */
    void add(InstanceDemand demand) {
        demand.resources().keySet().forEach(id -> checkKind(id, demand));
        if (!limits.isEmpty()) {
            demand.resources().forEach(this::checkLimit);
        }
        demands.add(demand);
        measure();
    }

    /** Forgets the demand of an instance that has gone. */
    void remove(InstanceDemand demand) {
        demands.remove(demand);
        measure();
    }

    /** Whether there is enough left. */
    boolean canMeet(InstanceDemand demand) {
        return demand.resources().entrySet().stream()
                .allMatch(need -> used(need.getKey()) + need.getValue() <= capacity(need.getKey()));
    }

    /** Marks what is demanded as being in use. */
    void take(InstanceDemand demand) {
        demand.resources().forEach((id, count) -> used.merge(id, count, Long::sum));
    }

    /** Marks what was {@linkplain #take taken} as free. */
    void giveBack(InstanceDemand demand) {
        demand.resources()
                .forEach((id, count) ->
                        used.computeIfPresent(
                                id, (same, sum) -> sum.equals(count) ? null : sum - count));
    }

    /** How much there is of a resource. */
    long capacity(ResourceId id) {
        return capacities.getOrDefault(id, 0L);
    }

    /** How much of a resource is in use. */
    long used(ResourceId id) {
        return used.getOrDefault(id, 0L);
    }

    private void measure() {
        capacities.clear();
        for (InstanceDemand demand : demands) {
            demand.resources()
                    .forEach((id, count) ->
                            capacities.merge(id, limits.isEmpty() ? count : limit(id), Math::max));
        }
    }

    private void checkKind(ResourceId id, InstanceDemand newcomer) {
        boolean bothKinds =
                Stream.concat(demands.stream(), Stream.of(newcomer))
                        .flatMap(demand -> demand.resources().keySet().stream())
                        .anyMatch(other ->
                                other.name().equals(id.name())
                                        && other.device().isPresent() != id.device().isPresent());
        if (bothKinds) {
            throw StatusException.invalidArgument(
                    "Resource \""
                            + id.name()
                            + "\" is present as both global and device-specific resource in the"
                            + " model configuration.");
        }
    }

    private void checkLimit(ResourceId id, long count) {
        long limit = limit(id);
        if (limit < count) {
            throw StatusException.invalidArgument(
                    "Resource count for \""
                            + id.name()
                            + "\" is limited to "
                            + limit
                            + " which will prevent scheduling of one or more model instances, the"
                            + " minimum required count is "
                            + count);
        }
    }

    /** The largest of the limits that concern a resource. */
    private long limit(ResourceId id) {
        return limits.stream()
                .filter(limit -> limit.name().equals(id.name()))
                .filter(limit ->
                        id.device().isEmpty()
                                || limit.device().isEmpty()
                                || limit.device().equals(id.device()))
                .mapToLong(ResourceLimit::count)
                .max()
                .orElse(0);
    }
}
