package io.nereid.backend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nereid.backend.BackendHarness.Fixture;
import io.nereid.protocol.DataType;
import io.nereid.protocol.InferenceRequest;
import io.nereid.protocol.InferenceResponse;
import io.nereid.protocol.LeakCheckedAllocator;
import io.nereid.protocol.ModelConfig;
import io.nereid.protocol.Owned;
import io.nereid.protocol.RecordingSender;
import io.nereid.protocol.Shape;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.Tensor;
import io.nereid.protocol.proto.ModelConfigProto;
import io.nereid.protocol.proto.ModelConfigProto.ModelInstanceGroup;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * What every engine does alike. An engine's test extends this and supplies two models: {@code
 * OUTPUT0 = INPUT0 + INPUT1}, {@code OUTPUT1 = INPUT0 - INPUT1}, and an identity from {@code
 * INPUT0} to {@code OUTPUT0} for each element type.
 */
public abstract class BackendContractTest {
    /** Width of a row of the sum-and-difference model. */
    protected static final int WIDTH = 16;

    @RegisterExtension protected final LeakCheckedAllocator allocator = new LeakCheckedAllocator();

    /** Where model directories are made. */
    @TempDir protected Path root;

    private Backend backend;

    /** A new engine, not opened. */
    protected abstract Backend newBackend();

    /**
     * Sum and difference with a batch dimension: {@code max_batch_size: 8}, rows of {@link #WIDTH}.
     */
    protected abstract Fixture addSub();

    /** Element type of {@link #addSub}: INT32 or FP32. */
    protected abstract DataType addSubType();

    /** Identity with a batch dimension, {@code max_batch_size: 8}, dims {@code [-1]}. */
    protected abstract Fixture identity(DataType type);

    /** Element types that the engine carries. */
    protected abstract Set<DataType> types();

    /** Settings of the engine. */
    protected Map<String, String> settings() {
        return Map.of();
    }

    @BeforeEach
    void openBackend() {
        backend = newBackend();
        backend.open(
                new BackendEnvironment(
                        Path.of("target", "backend").toAbsolutePath(), settings(), allocator, 2));
    }

    @AfterEach
    void closeBackend() {
        backend.close();
    }

    /** The engine, opened. */
    protected final Backend backend() {
        return backend;
    }

    /** Opens a model, and with it one instance. */
    protected final Opened open(Fixture fixture) {
        ModelConfig config = fixture.checkedConfig();
        BackendModel model = backend.openModel(config, fixture.files());
        try {
            return new Opened(config, model, model.openInstance(spec(config, 0, 1)));
        } catch (StatusException e) {
            model.close();
            throw e;
        }
    }

    private static InstanceSpec spec(ModelConfig config, int index, int count) {
        return new InstanceSpec(
                config.name() + "_" + index,
                index,
                count,
                Device.CPU,
                ModelInstanceGroup.getDefaultInstance());
    }

    /**
     * A model with one instance.
     *
     * @param config its configuration
     * @param model closed with this
     * @param instance closed with this
     */
    protected record Opened(ModelConfig config, BackendModel model, ModelInstance instance)
            implements AutoCloseable {
        /** Executes one request with these inputs. */
        public RecordingSender ask(@Owned List<Tensor> inputs, String... outputs) {
            return BackendHarness.execute(
                            instance,
                            config,
                            List.of(BackendHarness.request(config, inputs, outputs)))
                    .getFirst();
        }

        @Override
        public void close() {
            instance.close();
            model.close();
        }
    }

    @Test
    void answersWithSumAndDifference() {
        try (Opened model = open(addSub());
                RecordingSender answer = model.ask(rows(3, 2))) {
            assertThat(answer.ends()).isEqualTo(1);
            assertThat(outputs(answer.response())).containsOnlyKeys("OUTPUT0", "OUTPUT1");
            assertThat(answer.response().outputs())
                    .allSatisfy(output -> assertThat(output.shape()).isEqualTo(Shape.of(2, WIDTH)))
                    .allSatisfy(output -> assertThat(output.type()).isEqualTo(addSubType()));
            assertThat(numbers(answer.response(), "OUTPUT0")).isEqualTo(expected(3, 2, 1));
            assertThat(numbers(answer.response(), "OUTPUT1")).isEqualTo(expected(3, 2, -1));
        }
    }

    @Test
    void givesEachRequestOfABatchWhatItWouldGetAlone() {
        try (Opened model = open(addSub())) {
            List<byte[]> alone = new ArrayList<>();
            for (int seed = 0; seed < 3; seed++) {
                try (RecordingSender answer = model.ask(rows(seed, seed + 1))) {
                    alone.add(outputs(answer.response()).get("OUTPUT1"));
                }
            }
            List<RecordingSender> answers =
                    BackendHarness.execute(
                            model.instance(),
                            model.config(),
                            List.of(
                                    BackendHarness.request(model.config(), rows(0, 1)),
                                    BackendHarness.request(model.config(), rows(1, 2)),
                                    BackendHarness.request(model.config(), rows(2, 3))));
            for (int i = 0; i < 3; i++) {
                try (RecordingSender answer = answers.get(i)) {
                    assertThat(answer.ends()).isEqualTo(1);
                    assertThat(answer.response().outputs().getFirst().shape())
                            .isEqualTo(Shape.of(i + 1, WIDTH));
                    assertThat(outputs(answer.response()).get("OUTPUT1")).isEqualTo(alone.get(i));
                }
            }
        }
    }

    /** The sum with a state, which becomes the next state. */
    private Fixture summing() {
        ModelConfigProto.ModelConfig config = addSub().config();
        ModelConfigProto.ModelConfig.Builder summing =
                config.toBuilder().clearInput().clearOutput().clearSchedulingChoice();
        summing.addInput(config.getInput(0)).addOutput(config.getOutput(1));
        return new Fixture(summing.build(), addSub().files())
                .with(
                        """
                        sequence_batching { state {
                          input_name: "INPUT1" output_name: "OUTPUT0"
                          data_type: TYPE_%s dims: [ %d ] } }
                        """
                                .formatted(addSubType(), WIDTH));
    }

    @Test
    void givesTheStatesOfSequencesBack() {
        try (Opened model = open(summing());
                FakeStep alone = new FakeStep("OUTPUT0", false);
                FakeStep first = new FakeStep("OUTPUT0", false);
                FakeStep second = new FakeStep("OUTPUT0", true)) {
            step(model, List.of(alone), 3);
            step(model, List.of(first, second), 3);

            for (FakeStep step : List.of(alone, first, second)) {
                assertThat(step.states()).hasSize(1);
                assertThat(step.states().getFirst().name()).isEqualTo("OUTPUT0");
                assertThat(step.states().getFirst().shape()).isEqualTo(Shape.of(1, WIDTH));
            }
            assertThat(numbers(alone.states().getFirst())).isEqualTo(expected(3, 1, 1));
            assertThat(numbers(first.states().getFirst())).isEqualTo(expected(3, 1, 1));
            assertThat(numbers(second.states().getFirst())).isEqualTo(expected(4, 1, 1));
        }
    }

    /** Executes one request of each sequence, with numbers that begin at {@code seed} on. */
    private void step(Opened model, List<FakeStep> steps, int seed) {
        List<Batch.Item> items = new ArrayList<>();
        List<RecordingSender> senders = new ArrayList<>();
        for (FakeStep step : steps) {
            List<Tensor> rows = rows(seed + items.size(), 1);
            InferenceRequest request =
                    new InferenceRequest(model.config().name(), OptionalLong.empty());
            request.addInput(rows.getFirst());
            model.config().validator().validate(request);
            request.enqueued(0);
            request.supply(rows.getLast());
            request.executing();
            senders.add(new RecordingSender());
            items.add(new Batch.Item(request, senders.getLast(), step));
        }
        Batch batch = new Batch(model.config(), 1, items, ExecutionListener.NONE, System::nanoTime);
        model.instance().execute(batch);
        batch.returned();
        items.forEach(Batch.Item::release);
        for (RecordingSender sender : senders) {
            assertThat(outputs(sender.response())).containsOnlyKeys("OUTPUT1");
            sender.close();
        }
    }

    @Test
    void givesEachRequestOnlyTheOutputsThatItAsksFor() {
        try (Opened model = open(addSub())) {
            List<RecordingSender> answers =
                    BackendHarness.execute(
                            model.instance(),
                            model.config(),
                            List.of(
                                    BackendHarness.request(model.config(), rows(1, 1), "OUTPUT1"),
                                    BackendHarness.request(model.config(), rows(2, 1)),
                                    BackendHarness.request(model.config(), rows(3, 1), "OUTPUT0")));
            List<Set<String>> names = new ArrayList<>();
            for (RecordingSender answer : answers) {
                names.add(new TreeSet<>(outputs(answer.response()).keySet()));
                answer.close();
            }
            assertThat(names)
                    .containsExactly(
                            Set.of("OUTPUT1"), Set.of("OUTPUT0", "OUTPUT1"), Set.of("OUTPUT0"));
        }
    }

    @Test
    void carriesEveryElementTypeByteForByte() {
        for (DataType type : types()) {
            try (Opened model = open(identity(type));
                    RecordingSender answer = model.ask(List.of(sample(type)))) {
                byte[] sent = bytes(sample(type));
                assertThat(outputs(answer.response()).get("OUTPUT0"))
                        .as("%s", type)
                        .isEqualTo(sent);
                assertThat(answer.response().outputs().getFirst().shape())
                        .as("%s", type)
                        .isEqualTo(Shape.of(2, 3));
            }
        }
    }

    @Test
    void joinsAndSplitsBatchesOfEveryElementType() {
        for (DataType type : types()) {
            try (Opened model = open(identity(type))) {
                List<RecordingSender> answers =
                        BackendHarness.execute(
                                model.instance(),
                                model.config(),
                                List.of(
                                        BackendHarness.request(
                                                model.config(), List.of(sample(type))),
                                        BackendHarness.request(
                                                model.config(), List.of(sample(type)))));
                byte[] sent = bytes(sample(type));
                for (RecordingSender answer : answers) {
                    assertThat(outputs(answer.response()).get("OUTPUT0"))
                            .as("%s", type)
                            .isEqualTo(sent);
                    answer.close();
                }
            }
        }
    }

    @Test
    void answersInParallelOnTwoInstances() throws Exception {
        Fixture fixture = addSub();
        ModelConfig config = fixture.checkedConfig();
        try (BackendModel model = backend.openModel(config, fixture.files());
                ExecutorService threads = Executors.newFixedThreadPool(2)) {
            List<Future<?>> runs = new ArrayList<>();
            for (int i = 0; i < 2; i++) {
                ModelInstance instance = model.openInstance(spec(config, i, 2));
                int first = i * 1000;
                runs.add(
                        threads.submit(() -> {
                            askMany(new Opened(config, model, instance), first);
                            instance.close();
                        }));
            }
            for (Future<?> run : runs) {
                run.get();
            }
        }
    }

    private void askMany(Opened model, int first) {
        for (int seed = first; seed < first + 200; seed++) {
            try (RecordingSender answer = model.ask(rows(seed, 1))) {
                assertThat(numbers(answer.response(), "OUTPUT0")).isEqualTo(expected(seed, 1, 1));
            }
        }
    }

    @Test
    void leavesAnswersValidAfterTheModelIsClosed() {
        RecordingSender answer;
        try (Opened model = open(addSub())) {
            answer = model.ask(rows(5, 4));
        }
        assertThat(numbers(answer.response(), "OUTPUT0")).isEqualTo(expected(5, 4, 1));
        answer.close();
    }

    @Test
    void failsARequestThatTheEngineRefusesAndServesTheNext() {
        Fixture whole = addSub();
        String text = whole.config().toString().replace("dims: " + WIDTH, "dims: " + (WIDTH - 1));
        ModelConfig wrong =
                whole.configured(text.replaceFirst("name: \"[^\"]*\"", "")).checkedConfig();
        try (Opened model = open(whole)) {
            InferenceRequest request =
                    BackendHarness.request(
                            wrong,
                            List.of(
                                    row("INPUT0", Shape.of(1, WIDTH - 1), 1),
                                    row("INPUT1", Shape.of(1, WIDTH - 1), 1)));
            RecordingSender refused =
                    BackendHarness.execute(model.instance(), model.config(), List.of(request))
                            .getFirst();
            assertThat(refused.failure().text()).isNotEmpty();
            try (RecordingSender answer = model.ask(rows(1, 1))) {
                assertThat(numbers(answer.response(), "OUTPUT0")).isEqualTo(expected(1, 1, 1));
            }
        }
    }

    @Test
    void failsARequestThatLacksAnInput() {
        Fixture whole = addSub();
        Fixture lacking =
                whole.configured(
                        """
                        max_batch_size: 8
                        input [ { name: "INPUT0" data_type: %s dims: [ %d ] } ]
                        output [ { name: "OUTPUT0" data_type: %s dims: [ %d ] } ]
                        """
                                .formatted(
                                        addSubType().configType(),
                                        WIDTH,
                                        addSubType().configType(),
                                        WIDTH));
        try (Opened model = open(whole)) {
            InferenceRequest request =
                    BackendHarness.request(
                            lacking.checkedConfig(), List.of(row("INPUT0", Shape.of(1, WIDTH), 1)));
            RecordingSender refused =
                    BackendHarness.execute(model.instance(), model.config(), List.of(request))
                            .getFirst();
            assertThat(refused.failure().text()).contains("INPUT1");
        }
    }

    @Test
    void refusesAConfigurationWithAnotherElementType() {
        Fixture wrong = replaced(addSub(), addSubType().configType().name(), "TYPE_FP64");
        assertRefused(wrong, "configuration expects datatype TYPE_FP64 for input 'INPUT");
    }

    @Test
    void refusesAConfigurationWithAnUnknownOutput() {
        Fixture wrong = replaced(addSub(), "OUTPUT1", "NOWHERE");
        assertRefused(wrong, "unexpected inference output 'NOWHERE', allowed outputs are: OUTPUT0");
    }

    @Test
    void refusesAMissingModelFile() {
        Fixture fixture = addSub();
        assertRefused(
                new Fixture(fixture.config(), new ModelFiles(root.resolve("nowhere"), 1)),
                "nowhere");
    }

    @Test
    void refusesABrokenModelFile() throws Exception {
        Fixture fixture = addSub();
        List<Path> files;
        try (var paths = Files.walk(fixture.files().versionDirectory())) {
            files = paths.filter(Files::isRegularFile).toList();
        }
        for (Path file : files) {
            Files.writeString(file, "this is no model");
        }
        assertRefused(fixture, "");
    }

    @Test
    void refusesAGpu() {
        Fixture fixture = addSub();
        ModelConfig config = fixture.checkedConfig();
        try (BackendModel model = backend.openModel(config, fixture.files())) {
            assertThatThrownBy(() ->
                            model.openInstance(
                                    new InstanceSpec(
                                            "group_0",
                                            0,
                                            1,
                                            new Device(Device.Kind.GPU, 0),
                                            ModelInstanceGroup.getDefaultInstance())))
                    .isInstanceOf(StatusException.class)
                    .hasMessageContaining("KIND_GPU");
        }
    }

    private void assertRefused(Fixture fixture, String text) {
        assertThatThrownBy(
                        () -> backend.openModel(fixture.checkedConfig(), fixture.files()).close())
                .isInstanceOf(StatusException.class)
                .hasMessageContaining(text);
    }

    private static Fixture replaced(Fixture fixture, String before, String after) {
        return fixture.configured(
                fixture.config()
                        .toString()
                        .replaceFirst("name: \"[^\"]*\"", "")
                        .replace(before, after));
    }

    /** Both inputs of the sum-and-difference model, different for each seed. */
    private List<Tensor> rows(int seed, int rows) {
        return List.of(
                row("INPUT0", Shape.of(rows, WIDTH), seed),
                row("INPUT1", Shape.of(rows, WIDTH), 2 * seed + 1));
    }

    private Tensor row(String name, Shape shape, int seed) {
        int count = (int) shape.elementCount();
        int[] values = new int[count];
        for (int i = 0; i < count; i++) {
            values[i] = seed + i;
        }
        if (addSubType() == DataType.INT32) {
            return allocator.int32(name, shape, values);
        }
        float[] floats = new float[count];
        for (int i = 0; i < count; i++) {
            floats[i] = values[i];
        }
        return allocator.fp32(name, shape, floats);
    }

    private static List<Integer> expected(int seed, int rows, int sign) {
        List<Integer> values = new ArrayList<>();
        for (int i = 0; i < rows * WIDTH; i++) {
            values.add(seed + i + sign * (2 * seed + 1 + i));
        }
        return values;
    }

    private List<Integer> numbers(InferenceResponse response, String name) {
        return numbers(
                response.outputs().stream()
                        .filter(output -> output.name().equals(name))
                        .findFirst()
                        .orElseThrow());
    }

    private List<Integer> numbers(Tensor tensor) {
        MemorySegment bytes = MemorySegment.ofArray(copy(tensor));
        List<Integer> values = new ArrayList<>();
        for (long i = 0; i < bytes.byteSize(); i += Integer.BYTES) {
            values.add(
                    addSubType() == DataType.INT32
                            ? bytes.get(ValueLayout.JAVA_INT_UNALIGNED, i)
                            : (int) bytes.get(ValueLayout.JAVA_FLOAT_UNALIGNED, i));
        }
        return values;
    }

    /** Two rows of three elements. */
    private Tensor sample(DataType type) {
        Shape shape = Shape.of(2, 3);
        if (type == DataType.BYTES) {
            return allocator.texts(
                    "INPUT0", shape, "", "a\0b", "ü", "\uD83D\uDE00", "long ".repeat(40), "z");
        }
        byte[] content = new byte[6 * type.byteSize()];
        for (int i = 0; i < content.length; i++) {
            content[i] = (byte) (type == DataType.BOOL ? i % 2 : 37 * i + 11);
        }
        return new Tensor("INPUT0", type, shape, allocator.bytes(content));
    }

    private static byte[] bytes(@Owned Tensor tensor) {
        byte[] content = copy(tensor);
        tensor.buffer().close();
        return content;
    }

    private static byte[] copy(Tensor tensor) {
        return tensor.buffer().segment().toArray(ValueLayout.JAVA_BYTE);
    }

    /** Bytes of the outputs by name. */
    protected static Map<String, byte[]> outputs(InferenceResponse response) {
        return response.outputs().stream()
                .collect(Collectors.toMap(Tensor::name, BackendContractTest::copy));
    }
}
