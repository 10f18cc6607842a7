package io.nereid.protocol;

import io.nereid.protocol.proto.ModelConfigProto;
import java.util.function.Consumer;

/** Rules of {@code dynamic_batching} (model-config section 7.1). */
final class DynamicBatchingRules {
    private static final String FIELD = "dynamic_batching";

    private final ModelConfigProto.ModelConfig message;
    private final ModelConfigProto.ModelDynamicBatching batching;
    private final Consumer<InvalidConfigException> breaches;

    private DynamicBatchingRules(
            ModelConfigProto.ModelConfig message, Consumer<InvalidConfigException> breaches) {
        this.message = message;
        this.batching = message.getDynamicBatching();
        this.breaches = breaches;
    }

    static void check(
            ModelConfigProto.ModelConfig message, Consumer<InvalidConfigException> breaches) {
        if (message.hasDynamicBatching()) {
            new DynamicBatchingRules(message, breaches).check();
        }
    }

    private void check() {
        PreferredSizes.check(
                batching.getPreferredBatchSizeList(),
                message.getMaxBatchSize(),
                (index, text, advice) ->
                        broken(
                                ".preferred_batch_size[" + index + "]",
                                "dynamic batching preferred size " + text,
                                advice));
        if (batching.getPriorityLevels() != 0) {
            checkPriorities();
        }
        if (batching.getPreserveOrdering()) {
            checkOrdering();
        }
    }

    private void checkPriorities() {
        long levels = batching.getPriorityLevels();
        String range = "in range [1, " + Long.toUnsignedString(levels) + "]";
        if (!isLevel(batching.getDefaultPriorityLevel(), levels)) {
            broken(
                    ".default_priority_level",
                    "default priority level must be " + range,
                    new Advice(
                            "1 to " + Long.toUnsignedString(levels),
                            Long.toUnsignedString(batching.getDefaultPriorityLevel()),
                            "set default_priority_level for requests that name no priority"));
        }
        for (long level : batching.getPriorityQueuePolicyMap().keySet()) {
            if (!isLevel(level, levels)) {
                broken(
                        ".priority_queue_policy",
                        "priority queue policy must have priority level " + range,
                        new Advice(
                                "keys from 1 to " + Long.toUnsignedString(levels),
                                Long.toUnsignedString(level),
                                "remove this policy, or raise priority_levels"));
            }
        }
    }

    private static boolean isLevel(long level, long levels) {
        return level != 0 && Long.compareUnsigned(level, levels) <= 0;
    }

    private void checkOrdering() {
        if (Long.compareUnsigned(batching.getPriorityLevels(), 1) > 0) {
            broken(
                    ".priority_levels",
                    "Only one priority level is allowed when 'preserve_ordering' is true",
                    new Advice(
                            "one priority level, or preserve_ordering false",
                            Long.toUnsignedString(batching.getPriorityLevels()) + " levels",
                            "remove preserve_ordering or priority_levels"));
        }
        checkNoDelay(".default_queue_policy", batching.getDefaultQueuePolicy());
        batching.getPriorityQueuePolicyMap()
                .values()
                .forEach(policy -> checkNoDelay(".priority_queue_policy", policy));
    }

    private void checkNoDelay(String path, ModelConfigProto.ModelQueuePolicy policy) {
        if (policy.getDefaultTimeoutMicroseconds() != 0
                && policy.getTimeoutAction()
                        == ModelConfigProto.ModelQueuePolicy.TimeoutAction.DELAY) {
            broken(
                    path,
                    "Queue policy can not have DELAY as timeout action when 'preserve_ordering' is"
                            + " true",
                    new Advice(
                            "timeout_action REJECT, or preserve_ordering false",
                            "timeout_action DELAY",
                            "remove preserve_ordering or timeout_action"));
        }
    }

    private void broken(String path, String text, Advice advice) {
        breaches.accept(
                new InvalidConfigException(
                        FIELD + path, text + " for " + message.getName(), advice));
    }
}
