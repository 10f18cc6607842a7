package io.nereid.repository;

import io.nereid.protocol.proto.ModelConfigProto;
import io.nereid.protocol.proto.ModelConfigProto.ModelEnsembling;
import java.util.function.Predicate;

/** How often an ensemble may respond: with a decoupled step any number of times. */
final class EnsembleTransactions {
    private EnsembleTransactions() {}

    /**
     * The configuration of an ensemble, decoupled if it says so or has a decoupled step (schedulers
     * section 14.2).
     *
     * @param decoupled whether the model of a step is decoupled
     */
    static ModelConfigProto.ModelConfig complete(
            ModelConfigProto.ModelConfig ensemble, Predicate<ModelEnsembling.Step> decoupled) {
        ModelConfigProto.ModelConfig.Builder builder = ensemble.toBuilder();
        builder.getModelTransactionPolicyBuilder()
                .setDecoupled(
                        ensemble.getModelTransactionPolicy().getDecoupled()
                                || ensemble.getEnsembleScheduling().getStepList().stream()
                                        .anyMatch(decoupled));
        return builder.build();
    }
}
