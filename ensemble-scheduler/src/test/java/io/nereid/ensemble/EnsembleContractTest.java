package io.nereid.ensemble;

import io.nereid.backend.ExecutionListener;
import io.nereid.backend.Model;
import io.nereid.backend.ModelContractTest;
import io.nereid.backend.ModelLease;
import io.nereid.backend.TestConfigs;
import io.nereid.protocol.InferenceRequest;
import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;

/** The contract of every model, kept by two steps in a row on threads of their own. */
class EnsembleContractTest extends ModelContractTest {
    private static final String TENSORS =
            """
            max_batch_size: 8
            input [ { name: "IN" data_type: TYPE_FP32 dims: [ 2 ] } ]
            output [ { name: "OUT" data_type: TYPE_FP32 dims: [ 2 ] },
                     { name: "COPY" data_type: TYPE_FP32 dims: [ 2 ] } ]
            """;

    private final ExecutorService executor = Executors.newFixedThreadPool(3);
    private final FakeModel echo =
            new FakeModel(
                    TestConfigs.parse("name: \"echo\" backend: \"fake\"" + TENSORS),
                    executor,
                    EnsembleContractTest::answer);

    @AfterEach
    void stop() {
        executor.close();
    }

    @Override
    protected Model open() {
        return new EnsembleScheduler(
                TestConfigs.parse(
                        """
                        name: "twice" platform: "ensemble"
                        ensemble_scheduling { step [
                          { model_name: "echo" model_version: -1
                            input_map { key: "IN" value: "IN" }
                            output_map { key: "OUT" value: "between" } },
                          { model_name: "echo" model_version: -1
                            input_map { key: "IN" value: "between" }
                            output_map { key: "OUT" value: "OUT" }
                            output_map { key: "COPY" value: "COPY" } } ] }
                        """
                                + TENSORS),
                5,
                (name, version) -> ModelLease.borrowed(echo),
                ExecutionListener.NONE,
                System::nanoTime);
    }

    @Override
    protected String errorPrefix() {
        return "in ensemble 'twice', ";
    }

    private static List<Tensor> answer(InferenceRequest request) {
        Tensor input = request.input("IN").orElseThrow();
        if (first(input) < 0) {
            throw new StatusException(StatusCode.INTERNAL, NEGATIVE);
        }
        List<Tensor> outputs = new ArrayList<>();
        request.requestedOutputs().forEach(name -> outputs.add(input.retain().withName(name)));
        return outputs;
    }
}
