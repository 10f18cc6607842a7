package io.nereid.backend.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nereid.backend.Backend;
import io.nereid.backend.BackendModel;
import io.nereid.backend.Batch;
import io.nereid.backend.ModelInstance;
import io.nereid.backend.TestConfigs;
import io.nereid.protocol.InferenceRequest;
import io.nereid.protocol.LeakCheckedAllocator;
import io.nereid.protocol.ModelConfig;
import io.nereid.protocol.Parameter;
import io.nereid.protocol.RecordingSender;
import io.nereid.protocol.Shape;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.Tensor;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class IdentityBackendTest {
    private static final ModelConfig TWO =
            TestConfigs.parse(
                    """
                    name: "two" backend: "identity" max_batch_size: 4
                    input [ { name: "INPUT0" data_type: TYPE_INT32 dims: [ 2 ] },
                            { name: "INPUT1" data_type: TYPE_STRING dims: [ -1 ] optional: true } ]
                    output [ { name: "OUTPUT0" data_type: TYPE_INT32 dims: [ 2 ] },
                             { name: "OUTPUT1" data_type: TYPE_STRING dims: [ -1 ] } ]
                    """);

    @RegisterExtension final LeakCheckedAllocator allocator = new LeakCheckedAllocator();

    @Test
    void isFoundAsAService() {
        assertThat(ServiceLoader.load(Backend.class))
                .extracting(Backend::name)
                .containsExactlyInAnyOrder("identity", "repeat");
    }

    @Test
    void answersWithItsInputsWithoutCopy() {
        Tensor input = allocator.int32("INPUT0", Shape.of(1, 2), 1, 2);
        long address = input.buffer().segment().address();
        InferenceRequest request =
                Fixture.request(
                        TWO, input, allocator.texts("INPUT1", Shape.of(1, 3), "a", "", "ü"));
        try (RecordingSender sender = execute(TWO, request)) {
            List<Tensor> outputs = sender.response().outputs();
            assertThat(outputs).extracting(Tensor::name).containsExactly("OUTPUT0", "OUTPUT1");
            assertThat(outputs.get(0).buffer().segment().address()).isEqualTo(address);
            assertThat(outputs.get(0).shape()).isEqualTo(Shape.of(1, 2));
            assertThat(outputs.get(1).shape()).isEqualTo(Shape.of(1, 3));
            assertThat(outputs.get(1).buffer().byteSize()).isEqualTo(15);
        }
    }

    @Test
    void carriesTheExampleParametersInOrder() {
        InferenceRequest request =
                Fixture.request(TWO, allocator.int32("INPUT0", Shape.of(1, 2), 1, 2));
        try (RecordingSender sender = execute(TWO, request)) {
            assertThat(sender.response().parameters())
                    .containsExactly(
                            Map.entry(
                                    "param0",
                                    new Parameter.StringValue("an example string parameter")),
                            Map.entry("param1", new Parameter.Int64Value(42)),
                            Map.entry("param2", new Parameter.BoolValue(false)),
                            Map.entry("param3", new Parameter.DoubleValue(123.123)));
        }
    }

    @Test
    void answersOnlyWhatWasAskedFor() {
        InferenceRequest request =
                Fixture.request(
                        TWO,
                        List.of("OUTPUT1"),
                        allocator.int32("INPUT0", Shape.of(1, 2), 1, 2),
                        allocator.texts("INPUT1", Shape.of(1, 1), "a"));
        try (RecordingSender sender = execute(TWO, request)) {
            assertThat(sender.response().outputs())
                    .extracting(Tensor::name)
                    .containsExactly("OUTPUT1");
        }
    }

    @Test
    void fillsInForOptionalInputsThatWereLeftOut() {
        InferenceRequest request =
                Fixture.request(TWO, allocator.int32("INPUT0", Shape.of(3, 2), new int[6]));
        try (RecordingSender sender = execute(TWO, request)) {
            Tensor filled = sender.response().outputs().get(1);
            assertThat(filled.shape()).isEqualTo(Shape.of(3, 1));
            assertThat(filled.buffer().segment().toArray(ValueLayout.JAVA_BYTE))
                    .isEqualTo(new byte[12]);
        }
    }

    @Test
    void answersEachRequestOfABatch() {
        List<RecordingSender> senders = List.of(new RecordingSender(), new RecordingSender());
        List<InferenceRequest> requests =
                List.of(
                        Fixture.request(TWO, allocator.int32("INPUT0", Shape.of(1, 2), 1, 2)),
                        Fixture.request(
                                TWO, allocator.int32("INPUT0", Shape.of(2, 2), 3, 4, 5, 6)));
        execute(TWO, requests, senders);
        for (RecordingSender sender : senders) {
            assertThat(sender.ends()).isEqualTo(1);
        }
        assertThat(
                        senders.get(1)
                                .response()
                                .outputs()
                                .getFirst()
                                .buffer()
                                .segment()
                                .toArray(ValueLayout.JAVA_INT))
                .containsExactly(3, 4, 5, 6);
        senders.forEach(RecordingSender::close);
    }

    @Test
    void appliesReshape() {
        ModelConfig config =
                TestConfigs.parse(
                        """
                        name: "r"
                        input { name: "INPUT0" data_type: TYPE_INT32 dims: [ 4, 1 ]
                                reshape { shape: [ 2, 2 ] } }
                        output { name: "OUTPUT0" data_type: TYPE_INT32 dims: [ 4 ]
                                 reshape { shape: [ 2, 2 ] } }
                        """);
        InferenceRequest request =
                Fixture.request(config, allocator.int32("INPUT0", Shape.of(4, 1), 1, 2, 3, 4));
        try (RecordingSender sender = execute(config, request)) {
            assertThat(sender.response().outputs().getFirst().shape()).isEqualTo(Shape.of(4));
        }
    }

    @Test
    void waitsInEachExecutionAsLongAsItsInstanceIsTold() {
        ModelConfig config =
                withParameters("execute_delay_ms", "20", "instance_wise_delay_multiplier", "2");
        try (BackendModel model = Fixture.open(new IdentityBackend(), config, allocator)) {
            assertThat(millisOf(model, config, 0)).isBetween(20L, 5_000L);
            assertThat(millisOf(model, config, 2)).isBetween(80L, 5_000L);
        }
    }

    private long millisOf(BackendModel model, ModelConfig config, int index) {
        try (ModelInstance instance = model.openInstance(Fixture.spec(index));
                RecordingSender sender = new RecordingSender();
                InferenceRequest request =
                        Fixture.request(config, allocator.int32("INPUT0", Shape.of(1), 1))) {
            long start = System.nanoTime();
            Batch batch = Fixture.batch(config, List.of(request), List.of(sender));
            instance.execute(batch);
            batch.returned();
            assertThat(sender.ends()).isEqualTo(1);
            return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
        }
    }

    @Test
    void refusesParametersThatAreNoNumbers() {
        ModelConfig config = withParameters("execute_delay_ms", "soon", "unused", "1");
        assertThatThrownBy(() -> Fixture.open(new IdentityBackend(), config, allocator))
                .isInstanceOf(StatusException.class)
                .hasMessage(
                        "parameter 'execute_delay_ms' of model 'd' must be a whole number from 0 to"
                                + " 999999999, got 'soon'");
    }

    @Test
    void refusesPairsThatDiffer() {
        requireRefused(
                "INPUT0",
                "TYPE_INT8",
                "1",
                "OUTPUT1",
                "TYPE_INT8",
                "1",
                "model 'd' of the identity backend must list an output for each input in order, got 'INPUT0' and 'OUTPUT1'");
        requireRefused(
                "INPUT0",
                "TYPE_INT8",
                "1",
                "OUTPUT0",
                "TYPE_STRING",
                "1",
                "expected input and output datatype to match, got TYPE_INT8 and TYPE_STRING");
        requireRefused(
                "in",
                "TYPE_INT8",
                "1, 2",
                "out",
                "TYPE_INT8",
                "1, -1",
                "expected input and output shape to match, got [1,2] and [1,-1]");
        ModelConfig noOutput =
                TestConfigs.parse(
                        "name: \"d\" input { name: \"a\" data_type: TYPE_INT8 dims: [ 1 ] }");
        assertThatThrownBy(() -> Fixture.open(new IdentityBackend(), noOutput, allocator))
                .hasMessage(
                        "model 'd' of the identity backend must have as many outputs as inputs, got"
                                + " 1 inputs and 0 outputs");
    }

    private void requireRefused(
            String input,
            String inputType,
            String inputDims,
            String output,
            String outputType,
            String outputDims,
            String text) {
        ModelConfig config =
                TestConfigs.parse(
                        """
                        name: "d"
                        input { name: "%s" data_type: %s dims: [ %s ] }
                        output { name: "%s" data_type: %s dims: [ %s ] }
                        """
                                .formatted(
                                        input,
                                        inputType,
                                        inputDims,
                                        output,
                                        outputType,
                                        outputDims));
        assertThatThrownBy(() -> Fixture.open(new IdentityBackend(), config, allocator))
                .isInstanceOf(StatusException.class)
                .hasMessage(text);
    }

    private static ModelConfig withParameters(
            String key, String value, String otherKey, String otherValue) {
        return TestConfigs.parse(
                """
                name: "d"
                input { name: "INPUT0" data_type: TYPE_INT32 dims: [ 1 ] }
                output { name: "OUTPUT0" data_type: TYPE_INT32 dims: [ 1 ] }
                parameters { key: "%s" value { string_value: "%s" } }
                parameters { key: "%s" value { string_value: "%s" } }
                """
                        .formatted(key, value, otherKey, otherValue));
    }

    private RecordingSender execute(ModelConfig config, InferenceRequest request) {
        RecordingSender sender = new RecordingSender();
        execute(config, List.of(request), List.of(sender));
        return sender;
    }

    private void execute(
            ModelConfig config, List<InferenceRequest> requests, List<RecordingSender> senders) {
        try (BackendModel model = Fixture.open(new IdentityBackend(), config, allocator);
                ModelInstance instance = model.openInstance(Fixture.spec(0))) {
            Batch batch = Fixture.batch(config, requests, senders);
            instance.execute(batch);
            batch.returned();
        }
        requests.forEach(InferenceRequest::close);
    }
}
