package io.nereid.protocol;

import io.nereid.protocol.proto.ModelConfigProto;
import java.util.Map;

/** Rules of {@code dynamic_batching} (model-config section 7.1). */
final class DynamicBatchingRules {
    private static final String FIELD = "dynamic_batching";

    private DynamicBatchingRules() {}

    static void check(ModelConfigProto.ModelConfig message) {
        if (!message.hasDynamicBatching()) {
            return;
        }
        ModelConfigProto.ModelDynamicBatching batching = message.getDynamicBatching();
        checkPreferredSizes(message, batching);
        if (batching.getPriorityLevels() != 0) {
            checkPriorities(message, batching);
        }
        if (batching.getPreserveOrdering()) {
            checkOrdering(message, batching);
        }
    }

    private static void checkPreferredSizes(
            ModelConfigProto.ModelConfig message, ModelConfigProto.ModelDynamicBatching batching) {
        for (int i = 0; i < batching.getPreferredBatchSizeCount(); i++) {
            int size = batching.getPreferredBatchSize(i);
            String path = FIELD + ".preferred_batch_size[" + i + "]";
            if (size <= 0) {
                throw new InvalidConfigException(
                        path,
                        "dynamic batching preferred size must be positive for "
                                + message.getName());
            }
            if (size > message.getMaxBatchSize()) {
                throw new InvalidConfigException(
                        path,
                        "dynamic batching preferred size must be <= max batch size for "
                                + message.getName());
            }
        }
    }

    private static void checkPriorities(
            ModelConfigProto.ModelConfig message, ModelConfigProto.ModelDynamicBatching batching) {
        long levels = batching.getPriorityLevels();
        String range =
                "in range [1, " + Long.toUnsignedString(levels) + "] for " + message.getName();
        if (!isLevel(batching.getDefaultPriorityLevel(), levels)) {
            throw new InvalidConfigException(
                    FIELD + ".default_priority_level", "default priority level must be " + range);
        }
        for (long level : batching.getPriorityQueuePolicyMap().keySet()) {
            if (!isLevel(level, levels)) {
                throw new InvalidConfigException(
                        FIELD + ".priority_queue_policy",
                        "priority queue policy must have priority level " + range);
            }
        }
    }

    private static boolean isLevel(long level, long levels) {
        return level != 0 && Long.compareUnsigned(level, levels) <= 0;
    }

    private static void checkOrdering(
            ModelConfigProto.ModelConfig message, ModelConfigProto.ModelDynamicBatching batching) {
        if (Long.compareUnsigned(batching.getPriorityLevels(), 1) > 0) {
            throw new InvalidConfigException(
                    FIELD + ".priority_levels",
                    "Only one priority level is allowed when 'preserve_ordering' is true for "
                            + message.getName());
        }
        checkNoDelay(message, FIELD + ".default_queue_policy", batching.getDefaultQueuePolicy());
        for (Map.Entry<Long, ModelConfigProto.ModelQueuePolicy> policy :
                batching.getPriorityQueuePolicyMap().entrySet()) {
            checkNoDelay(message, FIELD + ".priority_queue_policy", policy.getValue());
        }
    }

    private static void checkNoDelay(
            ModelConfigProto.ModelConfig message,
            String path,
            ModelConfigProto.ModelQueuePolicy policy) {
        if (policy.getDefaultTimeoutMicroseconds() != 0
                && policy.getTimeoutAction()
                        == ModelConfigProto.ModelQueuePolicy.TimeoutAction.DELAY) {
            throw new InvalidConfigException(
                    path,
                    "Queue policy can not have DELAY as timeout action when 'preserve_ordering' is"
                            + " true for "
                            + message.getName());
        }
    }
}
