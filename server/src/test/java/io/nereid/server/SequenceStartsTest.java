package io.nereid.server;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nereid.protocol.InferenceRequest;
import io.nereid.protocol.ModelConfig;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.proto.ModelConfigProto.ModelSequenceBatching;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class SequenceStartsTest {
    private static final ModelConfig SEQUENCES =
            ModelConfig.of(
                    FakeModel.message("m", 1, 1)
                            .setSequenceBatching(ModelSequenceBatching.getDefaultInstance())
                            .build());

    private static InferenceRequest request(boolean start) {
        InferenceRequest request = new InferenceRequest("m", OptionalLong.empty());
        request.setSequenceStart(start);
        return request;
    }

    @Test
    void refusesNewSequences() {
        assertThatThrownBy(() -> SequenceStarts.refuse(SEQUENCES, request(true)))
                .isInstanceOf(StatusException.class)
                .hasMessage(
                        "Server is stopping, scheduler for model has stopped accepting new"
                                + " inference requests");
    }

    @Test
    void takesWhatBelongsToRunningSequencesOrToNone() {
        assertThatCode(() -> SequenceStarts.refuse(SEQUENCES, request(false)))
                .doesNotThrowAnyException();
        assertThatCode(() -> SequenceStarts.refuse(FakeModel.config("m", 1, 1), request(true)))
                .doesNotThrowAnyException();
    }
}
