package io.nereid.backend.scheduler;

import io.nereid.protocol.ModelConfig;
import io.nereid.protocol.Scheduling;
import io.nereid.protocol.proto.ModelConfigProto.ModelDynamicBatching;
import java.util.Collections;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The numbers of a {@code dynamic_batching} block.
 *
 * @param preferred batch sizes to aim for; may be empty
 * @param largestPreferred largest of them, 0 if there are none
 * @param largest largest batch, at least 1
 * @param delayNanos longest wait of the oldest request for a better batch
 * @param levels number of priority levels, an unsigned number; 0 for one level that has no number
 * @param defaultLevel level of requests that name none
 * @param defaultQueue policy of levels without one of their own
 * @param queues policies by level
 * @param capacity most requests that wait at a time, whatever their level
 */
record BatchPolicy(
        Set<Integer> preferred,
        int largestPreferred,
        int largest,
        long delayNanos,
        long levels,
        long defaultLevel,
        QueuePolicy defaultQueue,
        Map<Long, QueuePolicy> queues,
        long capacity) {

    /**
     * The policy of a model.
     *
     * @param defaultCapacity most waiting requests unless the configuration names a larger number
     */
    static BatchPolicy of(
            ModelConfig config, Scheduling.DynamicBatching scheduling, int defaultCapacity) {
        ModelDynamicBatching message = scheduling.policy();
        QueuePolicy defaultQueue = QueuePolicy.of(message.getDefaultQueuePolicy());
        Map<Long, QueuePolicy> queues =
                message.getPriorityQueuePolicyMap().entrySet().stream()
                        .collect(
                                Collectors.toUnmodifiableMap(
                                        Map.Entry::getKey,
                                        entry -> QueuePolicy.of(entry.getValue())));
        long largestQueue =
                queues.values().stream()
                        .mapToLong(QueuePolicy::maxSize)
                        .reduce(defaultQueue.maxSize(), Math::max);
        return withoutLevels(
                        config,
                        scheduling.preferredSizes(),
                        QueuePolicy.nanos(scheduling.maxQueueDelayMicros()),
                        Math.max(defaultCapacity, largestQueue))
                .withQueues(
                        message.getPriorityLevels(),
                        message.getDefaultPriorityLevel(),
                        defaultQueue,
                        queues);
    }

    /**
     * A policy without priorities and timeouts.
     *
     * @param sizes batch sizes to aim for; if empty, the largest batch
     */
    static BatchPolicy withoutLevels(
            ModelConfig config, Set<Integer> sizes, long delayNanos, long capacity) {
        Set<Integer> preferred = sizes;
        if (preferred.isEmpty() && config.batches()) {
            preferred = Set.of(config.maxBatchSize());
        }
        return new BatchPolicy(
                preferred,
                preferred.isEmpty() ? 0 : Collections.max(preferred),
                Math.max(1, config.maxBatchSize()),
                delayNanos,
                0,
                0,
                QueuePolicy.UNLIMITED,
                Map.of(),
                capacity);
    }

    private BatchPolicy withQueues(
            long count, long level, QueuePolicy queue, Map<Long, QueuePolicy> byLevel) {
        return new BatchPolicy(
                preferred,
                largestPreferred,
                largest,
                delayNanos,
                count,
                level,
                queue,
                byLevel,
                capacity);
    }

    /** Level of a request that names a priority; one that does not exist means the default. */
    long levelOf(long priority) {
        if (levels == 0) {
            return 0;
        }
        boolean exists = priority != 0 && Long.compareUnsigned(priority, levels) <= 0;
        return exists ? priority : defaultLevel;
    }

    /** Policy of a level. */
    QueuePolicy queue(long level) {
        return queues.getOrDefault(level, defaultQueue);
    }
}
