package io.nereid.backend.scheduler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nereid.backend.Batch;
import io.nereid.backend.BatchTensors;
import io.nereid.backend.FailureReason;
import io.nereid.backend.FakeBackendModel;
import io.nereid.backend.Model;
import io.nereid.backend.RecordingListener;
import io.nereid.backend.TestConfigs;
import io.nereid.backend.scheduler.data.ModelData;
import io.nereid.protocol.CorrelationId;
import io.nereid.protocol.DataType;
import io.nereid.protocol.InferenceRequest;
import io.nereid.protocol.LeakCheckedAllocator;
import io.nereid.protocol.ModelConfig;
import io.nereid.protocol.RecordingSender;
import io.nereid.protocol.Shape;
import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.Tensor;
import io.nereid.protocol.TensorBuffer;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The sequence batcher with its threads, over an engine that adds each request's number to the
 * state of its sequence. Every test ends with no tensor open.
 */
class SequenceBatcherTest {
    private static final String STATE =
            """
            state { input_name: "SUM_IN" output_name: "SUM_OUT" data_type: TYPE_INT32 dims: [ 1 ]
              %s }
            """;
    private static final String CONTROLS =
            """
            control_input { name: "START" control {
              kind: CONTROL_SEQUENCE_START int32_false_true: [ 0, 1 ] } }
            control_input { name: "END" control {
              kind: CONTROL_SEQUENCE_END fp32_false_true: [ -1, 2.5 ] } }
            control_input { name: "READY" control {
              kind: CONTROL_SEQUENCE_READY bool_false_true: [ false, true ] } }
            control_input { name: "ID" control {
              kind: CONTROL_SEQUENCE_CORRID data_type: %s } }
            """;

    @RegisterExtension final LeakCheckedAllocator allocator = new LeakCheckedAllocator();
    @TempDir Path directory;

    private final RecordingListener told = new RecordingListener();
    private final ManualTimer timer = new ManualTimer();
    private final List<String> seen = new CopyOnWriteArrayList<>();
    private final Semaphore started = new Semaphore(0);
    private final Semaphore mayRun = new Semaphore(0);

    private Model open(String batching, FakeBackendModel engine) {
        ModelConfig config =
                TestConfigs.parse(
                        """
                        name: "sums"
                        input { name: "IN" data_type: TYPE_INT32 dims: [ 1 ] }
                        output { name: "OUT" data_type: TYPE_INT32 dims: [ 1 ] }
                        """
                                + batching);
        return Schedulers.open(
                config,
                1,
                engine,
                EchoModel.instances(1),
                new ModelData(directory, allocator),
                new SchedulerContext(timer::now, told, timer));
    }

    private Model sums(String more) {
        return open(
                "max_batch_size: 4 sequence_batching { %s %s %s }"
                        .formatted(CONTROLS.formatted("TYPE_UINT64"), STATE.formatted(""), more),
                new FakeBackendModel(this::add));
    }

    /** Adds to the states, and notes what the controls say. */
    private void add(Batch batch) {
        List<String> rows = new ArrayList<>();
        for (int i = 0; i < batch.size(); i++) {
            rows.add(
                    "%d %.1f %s %d"
                            .formatted(
                                    number(batch, i, "START"),
                                    input(batch, i, "END").get(ValueLayout.JAVA_FLOAT, 0),
                                    input(batch, i, "READY").get(ValueLayout.JAVA_BYTE, 0) == 1,
                                    input(batch, i, "ID").get(ValueLayout.JAVA_LONG, 0)));
        }
        seen.add(String.join(", ", rows));
        answerSums(batch);
    }

    private void answerSums(Batch batch) {
        int[] sums =
                IntStream.range(0, batch.size())
                        .map(i -> number(batch, i, "SUM_IN") + number(batch, i, "IN"))
                        .toArray();
        Shape shape = Shape.of(batch.size(), 1);
        BatchTensors.respond(
                batch,
                List.of(
                        allocator.int32("SUM_OUT", shape, sums),
                        allocator.int32("OUT", shape, sums)),
                Map.of());
    }

    private static int number(Batch batch, int index, String name) {
        return input(batch, index, name).get(ValueLayout.JAVA_INT, 0);
    }

    private static MemorySegment input(Batch batch, int index, String name) {
        return batch.request(index).input(name).orElseThrow().buffer().segment();
    }

    private InferenceRequest request(Model model, long id, String marks, int number) {
        return request(model, new CorrelationId.NumericId(id), marks, number);
    }

    private InferenceRequest request(Model model, CorrelationId id, String marks, int number) {
        InferenceRequest request = new InferenceRequest("sums", OptionalLong.empty());
        request.setCorrelationId(id);
        request.setSequenceStart(marks.contains("start"));
        request.setSequenceEnd(marks.contains("end"));
        Shape shape = model.config().batches() ? Shape.of(1, 1) : Shape.of(1);
        request.addInput(allocator.int32("IN", shape, number));
        model.config().validator().validate(request);
        return request;
    }

    private RecordingSender send(Model model, long id, String marks, int number) {
        RecordingSender sender = new RecordingSender();
        model.infer(request(model, id, marks, number), sender);
        return sender;
    }

    private int ask(Model model, long id, String marks, int number) {
        try (RecordingSender sender = send(model, id, marks, number).await()) {
            return out(sender);
        }
    }

    private static int out(RecordingSender sender) {
        assertThat(sender.ends()).isEqualTo(1);
        return sender.response()
                .outputs()
                .getFirst()
                .buffer()
                .segment()
                .get(ValueLayout.JAVA_INT, 0);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "direct { }", "oldest { max_candidate_sequences: 2 }"})
    void carriesTheStateFromRequestToRequest(String strategy) {
        try (Model model = sums(strategy)) {
            assertThat(ask(model, 7, "start", 1)).isEqualTo(1);
            assertThat(ask(model, 8, "start", 10)).isEqualTo(10);
            assertThat(ask(model, 7, "", 2)).isEqualTo(3);
            assertThat(ask(model, 8, "", 20)).isEqualTo(30);
            assertThat(ask(model, 7, "start", 5)).isEqualTo(5);
            assertThat(ask(model, 7, "end", 6)).isEqualTo(11);
            assertThat(ask(model, 7, "start end", 4)).isEqualTo(4);
        }
    }

    @Test
    void tellsTheModelWhereInItsSequenceARequestStands() {
        try (Model model = sums("")) {
            ask(model, 7, "start", 1);
            ask(model, 7, "", 1);
            ask(model, 7, "end", 1);
        }

        assertThat(seen).containsExactly("1 -1.0 true 7", "0 -1.0 true 7", "0 2.5 true 7");
    }

    @Test
    void fillsTheSlotsOfOthersWithPaddingThatNobodyCounts() {
        try (Model model = sums("")) {
            ask(model, 7, "start", 1);
            ask(model, 8, "start", 1);
        }

        assertThat(seen).containsExactly("1 -1.0 true 7", "0 -1.0 false 0, 1 -1.0 true 8");
        assertThat(told.executions()).hasSize(2);
        assertThat(told.executions()).allMatch(execution -> execution.requests().size() == 1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"TYPE_UINT32", "TYPE_INT32"})
    void cutsLongIdsForNarrowControls(String type) {
        long id = 0x1_0000_0007L;
        FakeBackendModel engine =
                new FakeBackendModel(batch -> {
                    seen.add(
                            batch.request(0).input("ID").orElseThrow().type()
                                    + " "
                                    + input(batch, 0, "ID").byteSize()
                                    + " "
                                    + number(batch, 0, "ID"));
                    answerSums(batch);
                });
        String batching =
                "sequence_batching { %s %s }"
                        .formatted(CONTROLS.formatted(type), STATE.formatted(""));
        try (Model model = open(batching, engine)) {
            ask(model, id, "start end", 1);
        }

        assertThat(seen).containsExactly(type.substring(5) + " 4 7");
    }

    @Test
    void handsTextIdsOverAsTheyAre() {
        FakeBackendModel engine =
                new FakeBackendModel(batch -> {
                    Tensor id = batch.request(0).input("ID").orElseThrow();
                    seen.add(id.type() + " " + id.shape() + " " + text(id.buffer()));
                    answerSums(batch);
                });
        String batching =
                "sequence_batching { %s %s }"
                        .formatted(CONTROLS.formatted("TYPE_STRING"), STATE.formatted(""));
        try (Model model = open(batching, engine);
                RecordingSender sender = new RecordingSender()) {
            CorrelationId id = new CorrelationId.TextId("séance");
            model.infer(request(model, id, "start end", 1), sender);
            assertThat(out(sender.await())).isEqualTo(1);
        }

        assertThat(seen).containsExactly("BYTES [1] séance");
    }

    private static String text(TensorBuffer buffer) {
        byte[] bytes = buffer.segment().toArray(ValueLayout.JAVA_BYTE);
        int length = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getInt();
        assertThat(length).isEqualTo(bytes.length - 4);
        return new String(bytes, 4, length, StandardCharsets.UTF_8);
    }

    @Test
    void beginsWithTheDataOfAFile() throws IOException {
        Path file = Files.createDirectory(directory.resolve("initial_state")).resolve("hundred");
        Files.write(file, new byte[] {100, 0, 0, 0, 9});
        String initial =
                "initial_state { name: 's' data_type: TYPE_INT32 dims: [ 1 ] data_file: '%s' }";
        String batching = "sequence_batching { %s }";
        FakeBackendModel engine = new FakeBackendModel(this::answerSums);
        try (Model model =
                open(batching.formatted(STATE.formatted(initial.formatted("hundred"))), engine)) {
            assertThat(ask(model, 7, "start", 1)).isEqualTo(101);
            assertThat(ask(model, 7, "end", 1)).isEqualTo(102);
            assertThat(ask(model, 7, "start end", 1)).isEqualTo(101);
        }
        Files.write(file, new byte[] {1, 0});
        FakeBackendModel unused = new FakeBackendModel(this::answerSums);
        assertThatThrownBy(() ->
                        open(
                                batching.formatted(STATE.formatted(initial.formatted("hundred"))),
                                unused))
                .hasMessage(
                        "initial_state setting expects 4 bytes, but the data provided from"
                                + " hundredonly has 2 bytes.");
        assertThat(unused.events()).containsExactly("close");
        assertThatThrownBy(() ->
                        open(
                                batching.formatted(STATE.formatted(initial.formatted("../x"))),
                                new FakeBackendModel(this::answerSums)))
                .hasMessageContaining("initial_state data file '../x' is outside");
    }

    @Test
    void keepsTheOldStateWhenTheEngineFails() {
        FakeBackendModel engine =
                new FakeBackendModel(batch -> {
                    if (number(batch, 0, "IN") < 0) {
                        throw new StatusException(StatusCode.INTERNAL, "no");
                    }
                    answerSums(batch);
                });
        String batching = "sequence_batching { %s }".formatted(STATE.formatted(""));
        try (Model model = open(batching, engine)) {
            assertThat(ask(model, 7, "start", 5)).isEqualTo(5);
            assertThat(send(model, 7, "", -1).await().failure().text()).isEqualTo("no");
            assertThat(ask(model, 7, "end", 1)).isEqualTo(6);
        }
        assertThat(told.executions()).hasSize(3);
    }

    @Test
    void letsStatesGrow() {
        FakeBackendModel engine =
                new FakeBackendModel(batch -> {
                    Tensor before = batch.request(0).input("SEEN").orElseThrow();
                    int count = (int) before.shape().elementCount();
                    seen.add(before.shape() + "");
                    BatchTensors.respond(
                            batch,
                            List.of(
                                    allocator.int32(
                                            "SEEN_OUT", Shape.of(count + 1), new int[count + 1]),
                                    allocator.int32("OUT", Shape.of(1), count)),
                            Map.of());
                });
        String batching =
                """
                sequence_batching { state {
                  input_name: "SEEN" output_name: "SEEN_OUT" data_type: TYPE_INT32 dims: [ -1 ] } }
                """;
        try (Model model = open(batching, engine)) {
            ask(model, 7, "start", 0);
            ask(model, 7, "", 0);
            ask(model, 7, "", 0);
        }

        assertThat(seen).containsExactly("[1]", "[2]", "[3]");
    }

    @ParameterizedTest
    @ValueSource(strings = {"direct { }", "oldest { max_candidate_sequences: 4 }"})
    void doesNotPutStatesOfDifferentShapesTogether(String strategy) {
        FakeBackendModel engine =
                new FakeBackendModel(batch -> {
                    started.release();
                    mayRun.acquireUninterruptibly();
                    grow(batch);
                });
        String batching =
                """
                max_batch_size: 4 sequence_batching { %s state {
                  input_name: "SEEN" output_name: "SEEN_OUT" data_type: TYPE_INT32 dims: [ -1 ] } }
                """
                        .formatted(strategy);
        try (Model model = open(batching, engine);
                RecordingSender first = send(model, 1, "start", 0)) {
            started.acquireUninterruptibly();
            try (RecordingSender grown = send(model, 1, "", 0);
                    RecordingSender young = send(model, 2, "start", 0);
                    RecordingSender other = send(model, 3, "start", 0)) {
                mayRun.release(9);
                List.of(first, grown, young, other).forEach(RecordingSender::await);
                assertThat(List.of(first, grown, young, other))
                        .allMatch(sender -> sender.response().outputs().size() == 1);
            }
        }
        assertThat(told.executions()).hasSize(3);
    }

    /** Answers with a state that is longer by one. */
    private void grow(Batch batch) {
        int size = batch.size();
        Shape before = batch.request(0).input("SEEN").orElseThrow().shape();
        for (int i = 0; i < size; i++) {
            assertThat(batch.request(i).input("SEEN").orElseThrow().shape()).isEqualTo(before);
        }
        int after = (int) before.dim(1) + 1;
        BatchTensors.respond(
                batch,
                List.of(
                        allocator.int32("SEEN_OUT", Shape.of(size, after), new int[size * after]),
                        allocator.int32("OUT", Shape.of(size, 1), new int[size])),
                Map.of());
    }

    @Test
    void pairsStatesAsConfiguredWhateverTheirNames() {
        FakeBackendModel engine =
                new FakeBackendModel(batch -> {
                    seen.add(number(batch, 0, "A") + " " + number(batch, 0, "B"));
                    Shape one = Shape.of(1);
                    BatchTensors.respond(
                            batch,
                            List.of(
                                    allocator.int32("Y", one, number(batch, 0, "A") + 1),
                                    allocator.int32("X", one, number(batch, 0, "B") + 10),
                                    allocator.int32("OUT", one, 0)),
                            Map.of());
                });
        String batching =
                """
                sequence_batching {
                  state { input_name: "A" output_name: "Y" data_type: TYPE_INT32 dims: [ 1 ] }
                  state { input_name: "B" output_name: "X" data_type: TYPE_INT32 dims: [ 1 ] } }
                """;
        try (Model model = open(batching, engine)) {
            ask(model, 7, "start", 0);
            ask(model, 7, "", 0);
            ask(model, 7, "end", 0);
        }

        assertThat(seen).containsExactly("0 0", "1 10", "2 20");
    }

    @Test
    void freesTheSlotOfASequenceThatIsIdle() {
        try (Model model = sums("max_sequence_idle_microseconds: 1000 oldest { }")) {
            ask(model, 7, "start", 1);
            awaitIdle(model);
            timer.advance(1_000_000);

            assertThat(send(model, 7, "", 1).await().failure().text())
                    .isEqualTo(
                            "inference request for sequence 7 to model 'sums' must specify the"
                                    + " START flag on the first request of the sequence");
            assertThat(told.failures()).isEmpty();
        }
    }

    /** A sequence is idle once its instance has come back for more, which sets the alarm. */
    private void awaitIdle(Model model) {
        while (timer.asked() == 0) {
            Thread.onSpinWait();
        }
        assertThat(model.pending()).isZero();
    }

    private FakeBackendModel gated() {
        return new FakeBackendModel(batch -> {
            started.release();
            mayRun.acquireUninterruptibly();
            answerSums(batch);
        });
    }

    private Model gatedModel(String more) {
        return open("sequence_batching { %s %s }".formatted(STATE.formatted(""), more), gated());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "oldest { max_candidate_sequences: 1 }"})
    void forgetsClientsThatVanishInSlotAndBacklog(String strategy) {
        List<RecordingSender> senders = new ArrayList<>();
        List<InferenceRequest> requests = new ArrayList<>();
        try (Model model = gatedModel(strategy)) {
            for (long id = 1; id <= 3; id++) {
                for (String marks : List.of("start", "")) {
                    InferenceRequest request = request(model, id, marks, 1);
                    RecordingSender sender = new RecordingSender();
                    model.infer(request, sender);
                    requests.add(request);
                    senders.add(sender);
                }
            }
            started.acquireUninterruptibly();
            requests.get(3).cancel();
            requests.get(1).cancel();
            mayRun.release(10);

            assertThat(out(senders.get(0).await())).isEqualTo(1);
            for (int cancelled : List.of(1, 2, 3)) {
                StatusException failure = senders.get(cancelled).await().failure();
                assertThat(failure.code()).isEqualTo(StatusCode.CANCELLED);
            }
            assertThat(out(senders.get(4).await())).isEqualTo(1);
            assertThat(out(senders.get(5).await())).isEqualTo(2);
        }
        assertThat(senders).allMatch(sender -> sender.ends() == 1);
        assertThat(told.failures())
                .containsExactly(
                        FailureReason.CANCELED, FailureReason.CANCELED, FailureReason.CANCELED);
        senders.forEach(RecordingSender::close);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "oldest { max_candidate_sequences: 1 }"})
    void answersEverythingBeforeItCloses(String strategy) {
        List<RecordingSender> senders = new ArrayList<>();
        Model model = gatedModel(strategy);
        for (long id = 1; id <= 5; id++) {
            senders.add(send(model, id, "start", 1));
            senders.add(send(model, id, "", 1));
        }
        started.acquireUninterruptibly();
        assertThat(model.pending()).isEqualTo(9);
        mayRun.release(10);
        model.close();

        for (int i = 0; i < senders.size(); i++) {
            assertThat(out(senders.get(i))).isEqualTo(1 + i % 2);
            senders.get(i).close();
        }
        assertThat(send(model, 9, "start", 1).failure().text())
                .isEqualTo(
                        "Server is stopping, scheduler for model has stopped accepting new"
                                + " inference requests");
        assertThat(timer.now()).isZero();
        timer.advance(10_000_000_000L);
    }

    @Test
    void failsASequenceThatGetsNoSlotInTime() {
        try (Model model = gatedModel("");
                RecordingSender first = send(model, 1, "start", 1)) {
            started.acquireUninterruptibly();
            InferenceRequest hurried = request(model, 2, "start", 1);
            hurried.setTimeoutMicros(50);
            RecordingSender sender = new RecordingSender();
            model.infer(hurried, sender);
            timer.advance(49_999);
            assertThat(sender.hasEnded()).isFalse();
            timer.advance(1);

            assertThat(sender.failure().describe())
                    .isEqualTo(
                            "Unavailable: timeout of the corresponding sequence has been expired");
            assertThat(told.failures()).containsExactly(FailureReason.REJECTED);
            mayRun.release();
            first.await();
        }
    }

    @Test
    void asksTheTimerOnceForManySequences() {
        try (Model model = gatedModel("")) {
            List<RecordingSender> senders = new ArrayList<>();
            for (long id = 1; id <= 20; id++) {
                InferenceRequest request = request(model, id, "start end", 1);
                request.setTimeoutMicros(1_000_000);
                senders.add(new RecordingSender());
                model.infer(request, senders.getLast());
            }
            assertThat(timer.asked()).isEqualTo(1);
            mayRun.release(20);
            senders.forEach(sender -> sender.await().close());
        }
    }

    @Test
    void refusesBatchesAndUnknownIds() {
        try (Model model = sums("");
                RecordingSender sender = new RecordingSender()) {
            InferenceRequest two = new InferenceRequest("sums", OptionalLong.empty());
            two.addInput(allocator.int32("IN", Shape.of(2, 1), 1, 2));
            model.config().validator().validate(two);
            model.infer(two, sender);

            assertThat(sender.failure().describe())
                    .isEqualTo(
                            "Invalid argument: inference request to model 'sums' must specify"
                                    + " batch-size 1 due to requirements of sequence batcher");
            assertThat(two.state()).isEqualTo(InferenceRequest.State.RELEASED);
        }
        assertThat(told.failures()).isEmpty();
    }

    @Test
    void executesAnIterativeRequestUntilItIsDone() {
        FakeBackendModel engine =
                new FakeBackendModel(batch -> {
                    seen.add(
                            IntStream.range(0, batch.size())
                                    .mapToObj(i -> batch.request(i).sequenceStart() + "")
                                    .collect(Collectors.joining(" ")));
                    countDown(batch);
                });
        String batching =
                "max_batch_size: 2 sequence_batching { iterative_sequence: true oldest { } %s }"
                        .formatted(STATE.formatted(""));
        try (Model model = open(batching, engine);
                RecordingSender sender = new RecordingSender()) {
            model.infer(request(model, 0, "", 3), sender);

            assertThat(out(sender.await())).isEqualTo(9);
        }
        assertThat(seen).containsExactly("true", "false", "false");
        assertThat(told.executions()).hasSize(1);
        assertThat(engine.batchSizes()).containsExactly(1, 1, 1);
    }

    /** Goes on until the sum is three times the input. */
    private void countDown(Batch batch) {
        for (int i = 0; i < batch.size(); i++) {
            int sum = number(batch, i, "SUM_IN") + number(batch, i, "IN");
            batch.updateState(i, allocator.int32("SUM_OUT", Shape.of(1, 1), sum));
            if (sum < 3 * number(batch, i, "IN")) {
                batch.reschedule(i);
            } else {
                batch.respond(
                        i, List.of(allocator.int32("OUT", Shape.of(1, 1), sum)), Map.of(), true);
            }
        }
    }

    @Test
    void failsRequestsThatAreRescheduledWithoutTheFlag() {
        FakeBackendModel engine = new FakeBackendModel(batch -> batch.reschedule(0));
        try (Model model = open("sequence_batching { }", engine)) {
            assertThat(send(model, 7, "start end", 1).await().failure().describe())
                    .isEqualTo(
                            "Invalid argument: Request is released with"
                                    + " TRITONSERVER_REQUEST_RELEASE_RESCHEDULE, while the model is"
                                    + " not configured to handle such a flag.");
        }
    }

    @Test
    void answersADecoupledIterativeRequestStepByStep() {
        FakeBackendModel engine =
                new FakeBackendModel(batch -> {
                    int sum = number(batch, 0, "SUM_IN") + 1;
                    batch.updateState(0, allocator.int32("SUM_OUT", Shape.of(1), sum));
                    batch.respond(
                            0,
                            List.of(allocator.int32("OUT", Shape.of(1), sum)),
                            Map.of(),
                            sum == 3);
                    if (sum < 3) {
                        batch.reschedule(0);
                    }
                });
        String batching =
                "model_transaction_policy { decoupled: true } sequence_batching {"
                        + " iterative_sequence: true %s }".formatted(STATE.formatted(""));
        try (Model model = open(batching, engine);
                RecordingSender sender = new RecordingSender()) {
            model.infer(request(model, 0, "", 0), sender);

            assertThat(sender.await().responses())
                    .extracting(response ->
                            response.outputs()
                                    .getFirst()
                                    .buffer()
                                    .segment()
                                    .get(ValueLayout.JAVA_INT, 0))
                    .containsExactly(1, 2, 3);
            assertThat(sender.ends()).isEqualTo(1);
        }
        assertThat(told.executions()).hasSize(1);
        assertThat(told.responses()).hasSize(3);
    }

    @Test
    void hasNoInstancesToExchange() {
        try (Model model = sums("")) {
            assertThat(model.instances()).isEqualTo(Optional.empty());
            assertThat(model.version()).isEqualTo(1);
        }
    }

    @Test
    void closesWhatItMadeWhenAnInstanceCannotBeOpened() {
        FakeBackendModel engine = new FakeBackendModel(this::add, 0);

        assertThatThrownBy(() ->
                        open(
                                "sequence_batching { %s %s }"
                                        .formatted(
                                                CONTROLS.formatted("TYPE_UINT64"),
                                                STATE.formatted("")),
                                engine))
                .hasMessage("no room for instance 0");
        assertThat(engine.events()).containsExactly("close");
    }

    @Test
    void refusesTextIdsWhereTheModelTakesNumbers() {
        try (Model model = sums("")) {
            InferenceRequest request = new InferenceRequest("sums", OptionalLong.empty());
            request.setCorrelationId(new CorrelationId.TextId("x"));
            request.addInput(allocator.int32("IN", Shape.of(1, 1), 1));
            assertThatThrownBy(() -> model.config().validator().validate(request))
                    .hasMessageContaining(
                            "sequence batching control 'ID' data-type is '"
                                    + DataType.BYTES.wireName());
            request.close();
        }
    }
}
