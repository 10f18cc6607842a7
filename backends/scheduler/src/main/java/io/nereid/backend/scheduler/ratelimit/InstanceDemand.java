package io.nereid.backend.scheduler.ratelimit;

import io.nereid.backend.InstanceSpec;
import io.nereid.protocol.proto.ModelConfigProto.ModelRateLimiter;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalInt;

/**
 * What an instance needs to execute.
 *
 * @param resources how much of each resource, at least 1
 * @param priority what an execution counts, at least 1: the less, the sooner the next one
 */
record InstanceDemand(Map<ResourceId, Long> resources, long priority) {
    InstanceDemand {
        resources = Map.copyOf(resources);
    }

    /** What the instance's group says; its device is the one whose resources it needs. */
    static InstanceDemand of(InstanceSpec spec) {
        ModelRateLimiter config = spec.group().getRateLimiter();
        Map<ResourceId, Long> resources = new HashMap<>();
        for (ModelRateLimiter.Resource resource : config.getResourcesList()) {
            long count = Integer.toUnsignedLong(resource.getCount());
            if (count > 0) {
                OptionalInt device =
                        resource.getGlobal()
                                ? OptionalInt.empty()
                                : OptionalInt.of(spec.device().index());
                resources.merge(new ResourceId(resource.getName(), device), count, Long::sum);
            }
        }
        return new InstanceDemand(
                resources, Math.max(1, Integer.toUnsignedLong(config.getPriority())));
    }
}
