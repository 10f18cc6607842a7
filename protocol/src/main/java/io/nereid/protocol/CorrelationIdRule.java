package io.nereid.protocol;

import io.nereid.protocol.proto.ModelConfigProto;
import io.nereid.protocol.proto.ModelConfigProto.ModelSequenceBatching;
import java.util.Optional;

/**
 * The kind of correlation id that a model takes (validation section 13): that of its control input
 * for the id; any if it has none.
 *
 * @param tensor name of the control input
 * @param type of the control input
 */
record CorrelationIdRule(String tensor, DataType type) {

    /** The rule of a model, if it has one. */
    static Optional<CorrelationIdRule> of(ModelConfigProto.ModelConfig config) {
        for (ModelSequenceBatching.ControlInput input :
                config.getSequenceBatching().getControlInputList()) {
            for (ModelSequenceBatching.Control control : input.getControlList()) {
                if (control.getKind()
                        == ModelSequenceBatching.Control.Kind.CONTROL_SEQUENCE_CORRID) {
                    return Optional.of(
                            new CorrelationIdRule(
                                    input.getName(), DataType.ofConfig(control.getDataType())));
                }
            }
        }
        return Optional.empty();
    }

    /**
     * Refuses an id of the other kind.
     *
     * @throws StatusException INVALID_ARG
     */
    void check(InferenceRequest request, String model) {
        DataType found =
                switch (request.correlationId()) {
                    case CorrelationId.TextId _ -> DataType.BYTES;
                    case CorrelationId.NumericId _ -> DataType.UINT64;
                };
        boolean fits =
                switch (type) {
                    case BYTES -> found == DataType.BYTES;
                    case UINT32, UINT64, INT32, INT64 -> found == DataType.UINT64;
                    case BOOL, UINT8, UINT16, INT8, INT16, FP16, FP32, FP64, BF16, INVALID -> false;
                };
        if (!fits) {
            throw StatusException.invalidArgument(
                    request.idPrefix()
                            + "sequence batching control '"
                            + tensor
                            + "' data-type is '"
                            + found.wireName()
                            + "', but model '"
                            + model
                            + "' expects '"
                            + type.wireName()
                            + "'");
        }
    }
}
