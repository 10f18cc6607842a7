package io.nereid.backend.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nereid.backend.BackendModel;
import io.nereid.backend.ModelInstance;
import io.nereid.backend.TestConfigs;
import io.nereid.protocol.DataType;
import io.nereid.protocol.InferenceRequest;
import io.nereid.protocol.InferenceResponse;
import io.nereid.protocol.LeakCheckedAllocator;
import io.nereid.protocol.ModelConfig;
import io.nereid.protocol.RecordingSender;
import io.nereid.protocol.Shape;
import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.Tensor;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class RepeatBackendTest {
    private static final String CONFIG =
            """
            name: "repeat" backend: "repeat" model_transaction_policy { decoupled: true }
            input [ { name: "IN" data_type: TYPE_INT32 dims: [ -1 ] },
                    { name: "DELAY" data_type: TYPE_UINT32 dims: [ -1 ] },
                    { name: "WAIT" data_type: TYPE_UINT32 dims: [ 1 ] } ]
            output [ { name: "OUT" data_type: TYPE_INT32 dims: [ 1 ] },
                     { name: "IDX" data_type: TYPE_UINT32 dims: [ 1 ] } ]
            """;
    private static final ModelConfig MODEL = TestConfigs.parse(CONFIG);

    @RegisterExtension final LeakCheckedAllocator allocator = new LeakCheckedAllocator();

    @Test
    void answersOnceForEachElementAndThenEnds() {
        InferenceRequest request = request(new int[] {4, -2, 7}, new int[] {3, 0, 1}, 0);
        try (RecordingSender sender = new RecordingSender()) {
            execute(request, sender);

            assertThat(sender.ends()).isEqualTo(1);
            assertThat(values(sender, "OUT")).containsExactly(4, -2, 7);
            assertThat(values(sender, "IDX")).containsExactly(0, 1, 2);
        }
    }

    @Test
    void onlyEndsWithoutElements() {
        try (RecordingSender sender = new RecordingSender()) {
            execute(request(new int[0], new int[0], 0), sender);

            assertThat(sender.ends()).isEqualTo(1);
            assertThat(sender.responses()).isEmpty();
        }
    }

    @Test
    void answersOnlyWhatWasAskedFor() {
        InferenceRequest request = unchecked(new int[] {4}, new int[] {0}, 0);
        request.addRequestedOutput("IDX");
        MODEL.validator().validate(request);
        try (RecordingSender sender = new RecordingSender()) {
            execute(request, sender);

            assertThat(sender.responses().getFirst().outputs())
                    .extracting(Tensor::name)
                    .containsExactly("IDX");
        }
    }

    @Test
    void handsTheRequestBackAfterWaitWhateverIsStillToCome() {
        InferenceRequest request = request(new int[] {1}, new int[] {3_600_000}, 10);
        RecordingSender sender = new RecordingSender();
        try (BackendModel model = Fixture.open(new RepeatBackend(), MODEL, allocator)) {
            ModelInstance instance = model.openInstance(Fixture.spec(0));
            long start = System.nanoTime();
            instance.execute(Fixture.batch(MODEL, List.of(request), List.of(sender)));
            long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
            request.close();

            assertThat(millis).isBetween(10L, 60_000L);
            assertThat(sender.hasEnded()).isFalse();
            request.cancel();
            instance.close();
        }
        assertThat(sender.ends()).isEqualTo(1);
        assertThat(sender.failure().code()).isEqualTo(StatusCode.CANCELLED);
    }

    @Test
    void failsRequestWithOneDelayTooFew() {
        RecordingSender sender = new RecordingSender();
        execute(request(new int[] {1, 2, 3}, new int[] {0, 0}, 0), sender);

        assertThat(sender.failure().describe())
                .isEqualTo(
                        "Invalid argument: expected IN and DELAY shape to match, got [3] and [2]");
    }

    @Test
    void refusesOtherConfigurations() {
        requireRefused(CONFIG + "max_batch_size: 2", "'max_batch_size' 0, got 2");
        requireRefused(
                CONFIG.replace("decoupled: true", ""),
                "'model_transaction_policy { decoupled: true }', got decoupled false");
        requireRefused(
                CONFIG.replace("\"WAIT\"", "\"LINGER\""),
                "a tensor 'WAIT' of TYPE_UINT32 and [1], got [IN, DELAY, LINGER]");
        requireRefused(
                CONFIG.replace("\"IN\" data_type: TYPE_INT32", "\"IN\" data_type: TYPE_INT64"),
                "a tensor 'IN' of TYPE_INT32 and [-1], got TYPE_INT64 and [-1]");
        requireRefused(
                CONFIG + "output { name: \"MORE\" data_type: TYPE_INT32 dims: [ 1 ] }",
                "outputs OUT and IDX, got [OUT, IDX, MORE]");
    }

    private void requireRefused(String config, String text) {
        assertThatThrownBy(() ->
                        Fixture.open(new RepeatBackend(), TestConfigs.parse(config), allocator))
                .isInstanceOf(StatusException.class)
                .hasMessage("model 'repeat' of the repeat backend needs " + text);
    }

    private void execute(InferenceRequest request, RecordingSender sender) {
        try (BackendModel model = Fixture.open(new RepeatBackend(), MODEL, allocator);
                ModelInstance instance = model.openInstance(Fixture.spec(0))) {
            instance.execute(Fixture.batch(MODEL, List.of(request), List.of(sender)));
            request.close();
        }
    }

    private InferenceRequest request(int[] values, int[] delays, int wait) {
        InferenceRequest request = unchecked(values, delays, wait);
        MODEL.validator().validate(request);
        return request;
    }

    private InferenceRequest unchecked(int[] values, int[] delays, int wait) {
        InferenceRequest request = new InferenceRequest("repeat", OptionalLong.empty());
        request.addInput(allocator.int32("IN", Shape.of(values.length), values));
        request.addInput(unsigned("DELAY", delays));
        request.addInput(unsigned("WAIT", wait));
        return request;
    }

    private Tensor unsigned(String name, int... values) {
        Tensor tensor = allocator.int32(name, Shape.of(values.length), values);
        return new Tensor(name, DataType.UINT32, tensor.shape(), tensor.buffer());
    }

    private static List<Integer> values(RecordingSender sender, String output) {
        List<Integer> values = new ArrayList<>();
        for (InferenceResponse response : sender.responses()) {
            for (Tensor tensor : response.outputs()) {
                if (tensor.name().equals(output)) {
                    assertThat(tensor.shape()).isEqualTo(Shape.of(1));
                    values.add(tensor.buffer().segment().get(ValueLayout.JAVA_INT, 0));
                }
            }
        }
        return values;
    }
}
