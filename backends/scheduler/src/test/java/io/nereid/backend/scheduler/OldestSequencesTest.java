package io.nereid.backend.scheduler;

import io.nereid.backend.ExecutionListener;
import io.nereid.backend.FakeBackendModel;
import io.nereid.backend.Model;
import io.nereid.backend.ModelContractTest;
import io.nereid.backend.scheduler.data.ModelData;
import io.nereid.protocol.ModelConfig;
import java.nio.file.Path;

/** Requests of no sequence, each of which gets one of its own. */
class OldestSequencesTest extends ModelContractTest {
    @Override
    protected Model open() {
        ModelConfig config =
                EchoModel.config(
                        "sequence_batching { iterative_sequence: true oldest { max_candidate_sequences: 16 } }");
        return Schedulers.open(
                config,
                1,
                new FakeBackendModel(ModelContractTest::echo),
                EchoModel.instances(2),
                new ModelData(Path.of("nowhere"), allocator),
                EchoModel.context(ExecutionListener.NONE));
    }

    /** The texts of sequences carry no request id. */
    @Override
    protected String refusalPrefix() {
        return "";
    }
}
