package io.nereid.backend.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import io.nereid.backend.ExecutionListener;
import io.nereid.backend.FakeBackendModel;
import io.nereid.backend.Model;
import io.nereid.backend.ModelContractTest;
import io.nereid.protocol.RecordingSender;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class DirectSchedulerTest extends ModelContractTest {
    private final FakeBackendModel engine = new FakeBackendModel(ModelContractTest::echo);

    @Override
    protected Model open() {
        return EchoModel.open(EchoModel.config(""), 3, engine, 2, ExecutionListener.NONE);
    }

    @Test
    void executesEachRequestByItself() {
        RecordingSender[] senders = new RecordingSender[20];
        try (Model model = open()) {
            for (int i = 0; i < senders.length; i++) {
                senders[i] = new RecordingSender();
                model.infer(request(model, i, "OUT"), senders[i]);
            }
        }
        for (RecordingSender sender : senders) {
            sender.close();
        }

        assertThat(engine.batchSizes())
                .containsExactlyElementsOf(IntStream.range(0, 20).mapToObj(i -> 1).toList());
    }
}
