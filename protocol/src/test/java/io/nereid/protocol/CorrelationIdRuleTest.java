package io.nereid.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nereid.protocol.CorrelationId.NumericId;
import io.nereid.protocol.CorrelationId.TextId;
import io.nereid.protocol.proto.ModelConfigProto;
import io.nereid.protocol.proto.ModelConfigProto.ModelSequenceBatching.Control.Kind;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Ids of sequences must be of the kind that the model is told (validation section 13). */
final class CorrelationIdRuleTest {
    private static InferenceRequest request(CorrelationId id) {
        InferenceRequest request = new InferenceRequest("m", OptionalLong.empty());
        request.setCorrelationId(id);
        return request;
    }

    private static CorrelationIdRule rule(ModelConfigProto.DataType type) {
        ModelConfigProto.ModelConfig.Builder config = ModelConfigProto.ModelConfig.newBuilder();
        config.getSequenceBatchingBuilder()
                .addControlInputBuilder()
                .setName("CORRID")
                .addControlBuilder()
                .setKind(Kind.CONTROL_SEQUENCE_CORRID)
                .setDataType(type);
        return CorrelationIdRule.of(config.build()).orElseThrow();
    }

    @ParameterizedTest
    @CsvSource({"TYPE_UINT64", "TYPE_INT64", "TYPE_UINT32", "TYPE_INT32"})
    void integersTakeNumbersOnly(ModelConfigProto.DataType type) {
        try (InferenceRequest number = request(new NumericId(7));
                InferenceRequest none = request(CorrelationId.NONE);
                InferenceRequest text = request(new TextId("a"))) {
            assertThatCode(() -> rule(type).check(number, "m")).doesNotThrowAnyException();
            assertThatCode(() -> rule(type).check(none, "m")).doesNotThrowAnyException();
            assertThatThrownBy(() -> rule(type).check(text, "m"))
                    .isInstanceOf(StatusException.class)
                    .hasMessage(
                            "[request id: <id_unknown>] sequence batching control 'CORRID'"
                                    + " data-type is 'BYTES', but model 'm' expects '"
                                    + type.name().substring("TYPE_".length())
                                    + "'");
        }
    }

    @Test
    void stringsTakeTextsOnly() {
        CorrelationIdRule rule = rule(ModelConfigProto.DataType.TYPE_STRING);
        try (InferenceRequest text = request(new TextId(""));
                InferenceRequest number = request(CorrelationId.NONE)) {
            assertThatCode(() -> rule.check(text, "m")).doesNotThrowAnyException();
            assertThatThrownBy(() -> rule.check(number, "m"))
                    .hasMessage(
                            "[request id: <id_unknown>] sequence batching control 'CORRID'"
                                    + " data-type is 'UINT64', but model 'm' expects 'BYTES'");
        }
    }

    @Test
    void withoutTheControlInputAnyIdWillDo() {
        ModelConfigProto.ModelConfig.Builder config = ModelConfigProto.ModelConfig.newBuilder();
        config.getSequenceBatchingBuilder()
                .addControlInputBuilder()
                .setName("START")
                .addControlBuilder()
                .setKind(Kind.CONTROL_SEQUENCE_START);
        for (ModelConfigProto.ModelConfig each :
                List.of(config.build(), ModelConfigProto.ModelConfig.getDefaultInstance())) {
            assertThat(CorrelationIdRule.of(each)).isEmpty();
        }
    }
}
