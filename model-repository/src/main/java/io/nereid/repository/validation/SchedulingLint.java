package io.nereid.repository.validation;

import io.nereid.protocol.Advice;
import io.nereid.protocol.proto.ModelConfigProto.ModelConfig;
import io.nereid.protocol.proto.ModelConfigProto.ModelDynamicBatching;
import io.nereid.protocol.proto.ModelConfigProto.ModelQueuePolicy;
import io.nereid.protocol.proto.ModelConfigProto.ModelSequenceBatching;

/** Finds settings of schedulers that never take effect. */
public final class SchedulingLint {
    private static final String DYNAMIC = "dynamic_batching";
    private static final String SEQUENCE = "sequence_batching";

    private final ModelConfig written;
    private final int maxBatchSize;
    private final Remarks remarks;

    private SchedulingLint(ModelConfig written, int maxBatchSize, Remarks remarks) {
        this.written = written;
        this.maxBatchSize = maxBatchSize;
        this.remarks = remarks;
    }

    /**
     * Checks what was written.
     *
     * @param completed what the engine made of it
     */
    public static void check(ModelConfig written, ModelConfig completed, Remarks remarks) {
        SchedulingLint lint = new SchedulingLint(written, completed.getMaxBatchSize(), remarks);
        if (written.hasDynamicBatching()) {
            lint.checkDynamic(written.getDynamicBatching());
        }
        if (written.hasSequenceBatching()) {
            lint.checkSequence(written.getSequenceBatching());
        }
    }

    private void checkDynamic(ModelDynamicBatching batching) {
        if (maxBatchSize <= 1) {
            remarks.field(
                    FindingKind.EFFECT,
                    DYNAMIC,
                    "dynamic_batching never combines requests of model '" + written.getName() + "'",
                    new Advice(
                            "max_batch_size above 1",
                            "max_batch_size " + maxBatchSize,
                            maxBatchSize == 0
                                    ? "set max_batch_size and leave the batch dimension out of"
                                            + " dims, or remove dynamic_batching"
                                    : "raise max_batch_size, or remove dynamic_batching"));
            if (batching.getMaxQueueDelayMicroseconds() != 0) {
                never(
                        DYNAMIC + ".max_queue_delay_microseconds",
                        "batches to wait for",
                        "max_batch_size " + maxBatchSize);
            }
        }
        if (batching.getPriorityLevels() == 0) {
            checkNoPriorities(batching);
        }
        checkPolicy(batching.getDefaultQueuePolicy(), DYNAMIC + ".default_queue_policy");
    }

    private void checkNoPriorities(ModelDynamicBatching batching) {
        if (batching.getDefaultPriorityLevel() != 0) {
            never(
                    DYNAMIC + ".default_priority_level",
                    "priority_levels above 0",
                    "priority_levels 0");
        }
        if (batching.getPriorityQueuePolicyCount() > 0) {
            never(
                    DYNAMIC + ".priority_queue_policy",
                    "priority_levels above 0",
                    "priority_levels 0");
        }
    }

    private void checkPolicy(ModelQueuePolicy policy, String path) {
        if (policy.getTimeoutAction() == ModelQueuePolicy.TimeoutAction.DELAY
                && policy.getDefaultTimeoutMicroseconds() == 0
                && !policy.getAllowTimeoutOverride()) {
            never(
                    path + ".timeout_action",
                    "default_timeout_microseconds, or allow_timeout_override",
                    "requests never time out");
        }
    }

    private void checkSequence(ModelSequenceBatching batching) {
        if (batching.hasDirect()
                && batching.getDirect().getMinimumSlotUtilization() != 0
                && batching.getDirect().getMaxQueueDelayMicroseconds() == 0) {
            never(
                    SEQUENCE + ".direct.minimum_slot_utilization",
                    "max_queue_delay_microseconds above 0",
                    "no request waits");
        }
        if (batching.hasOldest()
                && batching.getOldest().getMaxQueueDelayMicroseconds() != 0
                && maxBatchSize <= 1) {
            never(
                    SEQUENCE + ".oldest.max_queue_delay_microseconds",
                    "batches to wait for",
                    "max_batch_size " + maxBatchSize);
        }
    }

    private void never(String path, String expected, String found) {
        String field = path.substring(path.lastIndexOf('.') + 1);
        remarks.field(
                FindingKind.EFFECT,
                path,
                field + " never takes effect in model '" + written.getName() + "'",
                new Advice(expected, found, "remove " + field + ", or set what it needs"));
    }
}
