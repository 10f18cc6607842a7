package io.nereid.backend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nereid.protocol.CopyMeter;
import io.nereid.protocol.InferenceRequest;
import io.nereid.protocol.LeakCheckedAllocator;
import io.nereid.protocol.ModelConfig;
import io.nereid.protocol.Parameter;
import io.nereid.protocol.RecordingSender;
import io.nereid.protocol.Shape;
import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.Tensor;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class BatchTensorsTest {
    private static final ModelConfig CONFIG =
            TestConfigs.parse(
                    """
                    name: "m" max_batch_size: 8
                    input { name: "IN" data_type: TYPE_INT32 dims: [ -1 ] allow_ragged_batch: true }
                    output [ { name: "OUT" data_type: TYPE_INT32 dims: [ 2 ] },
                             { name: "TEXT" data_type: TYPE_STRING dims: [ 1 ] },
                             { name: "ROW" data_type: TYPE_INT32 dims: [ -1 ] } ]
                    batch_output {
                      kind: BATCH_SCATTER_WITH_INPUT_SHAPE target_name: "ROW" source_input: "IN"
                    }
                    """);

    private static final Map<String, Parameter> NONE = Map.of();

    @RegisterExtension final LeakCheckedAllocator allocator = new LeakCheckedAllocator();

    private final List<Batch.Item> items = new ArrayList<>();
    private final List<RecordingSender> senders = new ArrayList<>();

    @AfterEach
    void close() {
        items.forEach(item -> item.request().close());
        senders.forEach(RecordingSender::close);
    }

    @Test
    void handsTheTensorOfASingleRequestOver() {
        add(List.of("OUT"), 2, 1, 2, 3, 4);
        Tensor gathered = BatchTensors.gather(batch(), "IN", allocator);

        assertThat(gathered.buffer().segment().address())
                .isEqualTo(input(0).buffer().segment().address());
        assertThat(allocator.copies().copies(CopyMeter.Site.GATHER)).isZero();
        gathered.buffer().close();
    }

    @Test
    void concatenatesSeveralRequestsInOrder() {
        add(List.of("OUT"), 1, 1, 2);
        add(List.of("OUT"), 2, 3, 4, 5, 6);
        Tensor gathered = BatchTensors.gather(batch(), "IN", allocator);

        assertThat(gathered.shape()).isEqualTo(Shape.of(3, 2));
        assertThat(ints(gathered)).containsExactly(1, 2, 3, 4, 5, 6);
        assertThat(allocator.copies().bytes(CopyMeter.Site.GATHER)).isEqualTo(24);
        gathered.buffer().close();
    }

    @Test
    void refusesToConcatenateDifferentShapes() {
        add(List.of("OUT"), 1, 1, 2);
        add(List.of("OUT"), 1, 3, 4, 5);

        assertThatThrownBy(() -> BatchTensors.gather(batch(), "IN", allocator))
                .isInstanceOfSatisfying(
                        StatusException.class,
                        e -> assertThat(e.code()).isEqualTo(StatusCode.INTERNAL))
                .hasMessage(
                        "input 'IN' of model 'm' has shapes [1,2] and [1,3] in one batch, which its"
                                + " backend cannot combine; set 'allow_ragged_batch' to false");
    }

    @Test
    void givesEachRequestItsPartOfWhatItAskedFor() {
        add(List.of("OUT"), 1, 0, 0);
        add(List.of("TEXT", "OUT"), 2, 0, 0, 0, 0);
        Batch batch = batch();
        BatchTensors.respond(
                batch,
                List.of(
                        allocator.int32("OUT", Shape.of(3, 2), 1, 2, 3, 4, 5, 6),
                        allocator.texts("TEXT", Shape.of(3, 1), "a", "bcd", "")),
                Map.of());
        batch.returned();

        assertThat(senders.get(0).response().outputs()).hasSize(1);
        assertThat(ints(senders.get(0).response().outputs().getFirst())).containsExactly(1, 2);
        List<Tensor> second = senders.get(1).response().outputs();
        assertThat(second).extracting(Tensor::name).containsExactly("OUT", "TEXT");
        assertThat(ints(second.get(0))).containsExactly(3, 4, 5, 6);
        assertThat(second.get(1).shape()).isEqualTo(Shape.of(2, 1));
        assertThat(second.get(1).buffer().segment().toArray(ValueLayout.JAVA_BYTE))
                .containsExactly(3, 0, 0, 0, 'b', 'c', 'd', 0, 0, 0, 0);
    }

    @Test
    void refusesOutputsOfTheWrongBatchSizeAndLeaksNothing() {
        add(List.of("OUT"), 1, 0, 0);
        add(List.of("OUT"), 1, 0, 0);

        assertThatThrownBy(() ->
                        BatchTensors.respond(
                                batch(),
                                List.of(allocator.int32("OUT", Shape.of(1, 2), 1, 2)),
                                Map.of()))
                .hasMessage(
                        "output 'OUT' of model 'm' has shape [1,2], expected batch dimension 2");
        assertThat(senders).noneMatch(RecordingSender::hasEnded);
    }

    @Test
    void givesEachSequenceItsPartOfTheState() {
        try (FakeStep one = new FakeStep(false);
                FakeStep two = new FakeStep(false)) {
            add(one, List.of("OUT"), 1, 0, 0);
            add(two, List.of("OUT"), 1, 0, 0);
            Batch batch = batch();
            BatchTensors.respond(
                    batch,
                    List.of(
                            allocator.int32("STATE", Shape.of(2, 3), 1, 2, 3, 4, 5, 6),
                            allocator.int32("OUT", Shape.of(2, 1), 7, 8)),
                    NONE);
            batch.returned();

            assertThat(one.states()).hasSize(1);
            assertThat(ints(one.states().getFirst())).containsExactly(1, 2, 3);
            assertThat(two.states().getFirst().shape()).isEqualTo(Shape.of(1, 3));
            assertThat(ints(two.states().getFirst())).containsExactly(4, 5, 6);
            assertThat(senders.get(0).response().outputs())
                    .extracting(Tensor::name)
                    .containsExactly("OUT");
            assertThat(senders.get(1).response().outputs())
                    .extracting(Tensor::name)
                    .containsExactly("OUT");
        }
    }

    @Test
    void handsTheStateOfOneRequestOnWithoutACopy() {
        try (FakeStep step = new FakeStep(false)) {
            add(step, List.of("OUT"), 1, 0, 0);
            Tensor state = allocator.int32("STATE", Shape.of(1, 1), 9);
            Batch batch = batch();
            BatchTensors.respond(
                    batch, List.of(allocator.int32("OUT", Shape.of(1, 1), 9), state), NONE);
            batch.returned();

            assertThat(step.states().getFirst().buffer().segment().address())
                    .isEqualTo(state.buffer().segment().address());
        }
    }

    @Test
    void cutsAnOutputByTheShapesOfAnInput() {
        add(List.of("ROW"), 1, 0, 0);
        add(List.of("ROW"), 2, 0, 0, 0, 0, 0, 0);
        Batch batch = batch();
        BatchTensors.respond(
                batch, List.of(allocator.int32("ROW", Shape.of(8), 1, 2, 3, 4, 5, 6, 7, 8)), NONE);
        batch.returned();

        Tensor first = senders.get(0).response().outputs().getFirst();
        assertThat(first.shape()).isEqualTo(Shape.of(1, 2));
        assertThat(ints(first)).containsExactly(1, 2);
        Tensor second = senders.get(1).response().outputs().getFirst();
        assertThat(second.shape()).isEqualTo(Shape.of(2, 3));
        assertThat(ints(second)).containsExactly(3, 4, 5, 6, 7, 8);
    }

    @Test
    void givesTheOutputOfOneRequestItsShape() {
        add(List.of("ROW"), 2, 0, 0, 0, 0);
        Batch batch = batch();
        BatchTensors.respond(batch, List.of(allocator.int32("ROW", Shape.of(4), 1, 2, 3, 4)), NONE);
        batch.returned();

        assertThat(senders.getFirst().response().outputs().getFirst().shape())
                .isEqualTo(Shape.of(2, 2));
    }

    @Test
    void refusesAnOutputThatTheInputsDoNotExplain() {
        add(List.of("ROW"), 1, 0, 0);
        assertThatThrownBy(() ->
                        BatchTensors.respond(
                                batch(),
                                List.of(allocator.int32("ROW", Shape.of(3), 1, 2, 3)),
                                NONE))
                .hasMessage(
                        "output 'ROW' of model 'm' has shape [3], expected 2 elements, as input"
                                + " 'IN' says");
    }

    private void add(List<String> outputs, int rows, int... values) {
        add(SequenceStep.NONE, outputs, rows, values);
    }

    private void add(SequenceStep step, List<String> outputs, int rows, int... values) {
        InferenceRequest request = new InferenceRequest("m", OptionalLong.empty());
        request.addInput(allocator.int32("IN", Shape.of(rows, values.length / rows), values));
        outputs.forEach(request::addRequestedOutput);
        CONFIG.validator().validate(request);
        RecordingSender sender = new RecordingSender();
        senders.add(sender);
        items.add(new Batch.Item(request, sender, step));
    }

    private Batch batch() {
        return new Batch(CONFIG, 1, items, ExecutionListener.NONE, System::nanoTime);
    }

    private Tensor input(int index) {
        return items.get(index).request().input("IN").orElseThrow();
    }

    private static int[] ints(Tensor tensor) {
        return tensor.buffer().segment().toArray(ValueLayout.JAVA_INT_UNALIGNED);
    }
}
