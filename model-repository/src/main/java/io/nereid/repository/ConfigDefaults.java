package io.nereid.repository;

import io.nereid.protocol.proto.ModelConfigProto;
import io.nereid.protocol.proto.ModelConfigProto.ModelOptimizationPolicy;
import io.nereid.protocol.proto.ModelConfigProto.ModelSequenceBatching;
import io.nereid.protocol.proto.ModelConfigProto.ModelVersionPolicy;

/** Fills in what a configuration may leave out (model-config section 11.1). */
final class ConfigDefaults {
    private static final long SEQUENCE_IDLE_MICROS = 1_000_000;

    private ConfigDefaults() {}

    /** The configuration with its defaults; a second time changes nothing. */
    static ModelConfigProto.ModelConfig fill(ModelConfigProto.ModelConfig config) {
        ModelConfigProto.ModelConfig.Builder builder = config.toBuilder();
        if (!config.hasVersionPolicy()) {
            builder.setVersionPolicy(
                    ModelVersionPolicy.newBuilder()
                            .setLatest(ModelVersionPolicy.Latest.newBuilder().setNumVersions(1)));
        }
        if (config.hasDynamicBatching()
                && config.getDynamicBatching().getPreferredBatchSizeCount() == 0
                && config.getMaxBatchSize() > 0) {
            builder.getDynamicBatchingBuilder().addPreferredBatchSize(config.getMaxBatchSize());
        }
        if (config.hasSequenceBatching()) {
            fillSequence(builder.getSequenceBatchingBuilder(), config.getMaxBatchSize());
        }
        if (!isEnsemble(config)) {
            fillPinnedMemory(builder.getOptimizationBuilder());
        }
        return builder.build();
    }

    /** Whether the model is a graph of other models. */
    static boolean isEnsemble(ModelConfigProto.ModelConfig config) {
        return config.getPlatform().equals("ensemble") || config.hasEnsembleScheduling();
    }

    private static void fillSequence(ModelSequenceBatching.Builder sequence, int maxBatchSize) {
        if (sequence.getMaxSequenceIdleMicroseconds() == 0) {
            sequence.setMaxSequenceIdleMicroseconds(SEQUENCE_IDLE_MICROS);
        }
        if (sequence.hasOldest()
                && sequence.getOldest().getPreferredBatchSizeCount() == 0
                && maxBatchSize > 0) {
            sequence.getOldestBuilder().addPreferredBatchSize(maxBatchSize);
        }
    }

    private static void fillPinnedMemory(ModelOptimizationPolicy.Builder optimization) {
        if (!optimization.hasInputPinnedMemory()) {
            optimization.getInputPinnedMemoryBuilder().setEnable(true);
        }
        if (!optimization.hasOutputPinnedMemory()) {
            optimization.getOutputPinnedMemoryBuilder().setEnable(true);
        }
    }
}
