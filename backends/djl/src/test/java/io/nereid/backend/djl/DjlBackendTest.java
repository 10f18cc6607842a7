package io.nereid.backend.djl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nereid.backend.Backend;
import io.nereid.backend.BackendModel;
import io.nereid.backend.Device;
import io.nereid.backend.InstanceSpec;
import io.nereid.backend.ModelFiles;
import io.nereid.backend.ModelInstance;
import io.nereid.protocol.CopyMeter;
import io.nereid.protocol.DataType;
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
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.ServiceLoader;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DjlBackendTest {
    private static final String DIGITS_ONNX =
            "max_batch_size: 32 input { name: 'image' data_type: TYPE_FP32 dims: [1,8,8] } output {"
                    + " name: 'probabilities' data_type: TYPE_FP32 dims: [10] }";
    private static final String DIGITS_SAVED_MODEL = DIGITS_ONNX.replace("1,8,8", "8,8,1");
    private static final String ADD_SUB =
            "max_batch_size: 8 input [{ name: 'INPUT0' data_type: TYPE_INT32 dims: [16] }, { name:"
                    + " 'INPUT1' data_type: TYPE_INT32 dims: [16] }] output [{ name: 'OUTPUT0'"
                    + " data_type: TYPE_INT32 dims: [16] }, { name: 'OUTPUT1' data_type: TYPE_INT32"
                    + " dims: [16] }]";

    @RegisterExtension final LeakCheckedAllocator allocator = new LeakCheckedAllocator();

    @TempDir private Path repository = Path.of("");

    private DjlHarness djl = new DjlHarness(allocator, repository);

    @BeforeEach
    void open() {
        djl = new DjlHarness(allocator, repository);
    }

    @AfterEach
    void close() {
        djl.close();
    }

    @Test
    void isFoundAsDjl() {
        assertThat(ServiceLoader.load(Backend.class)).extracting(Backend::name).contains("djl");
    }

    @ParameterizedTest
    @CsvSource({
        "OnnxRuntime,digits_cnn.onnx,model.onnx",
        "tensorflow,digits_cnn.savedmodel,model.savedmodel"
    })
    void givesTheProbabilitiesOfTheReference(String engine, String fixture, String filename)
            throws IOException {
        String body = fixture.endsWith("onnx") ? DIGITS_ONNX : DIGITS_SAVED_MODEL;
        ModelConfig config = DjlHarness.config(DjlHarness.engine(engine) + body);
        float[] pixels = pixels();
        Shape shape = config.input("image").orElseThrow().dims().withLeading(20);

        RecordingSender sender =
                djl.infer(
                                config,
                                djl.files(fixture, filename),
                                List.of(allocator.fp32("image", shape, pixels)))
                        .getFirst();

        Tensor output = sender.response().outputs().getFirst();
        assertThat(output.shape()).isEqualTo(Shape.of(20, 10));
        assertThat(floats(output)).containsExactly(rows(fixture + ".csv"), Offset.offset(1e-4f));
        sender.close();
    }

    @Test
    void splitsABatchAmongItsRequests() {
        ModelConfig config = DjlHarness.config(DjlHarness.engine("ONNXRUNTIME") + ADD_SUB);

        List<RecordingSender> senders =
                djl.infer(
                        config,
                        djl.files("addsub_int32.onnx", "model.onnx"),
                        addSub(1, 3),
                        addSub(2, 5));

        for (int i = 0; i < 2; i++) {
            int rows = i + 1;
            int[] sums = ints(senders.get(i).response().outputs().get(0));
            int[] differences = ints(senders.get(i).response().outputs().get(1));
            assertThat(sums).hasSize(16 * rows);
            for (int at = 0; at < sums.length; at++) {
                assertThat(sums[at]).isEqualTo(at + (i == 0 ? 3 : 5));
                assertThat(differences[at]).isEqualTo(at - (i == 0 ? 3 : 5));
            }
            senders.get(i).close();
        }
    }

    @Test
    void readsOnnxInputsInPlaceAndCopiesOutputsOnce() {
        ModelConfig config = DjlHarness.config(DjlHarness.engine("OnnxRuntime") + ADD_SUB);

        djl.infer(config, djl.files("addsub_int32.onnx", "model.onnx"), addSub(1, 3))
                .forEach(RecordingSender::close);

        assertThat(allocator.copies().copies(CopyMeter.Site.ENGINE_INPUT)).isZero();
        assertThat(allocator.copies().bytes(CopyMeter.Site.ENGINE_OUTPUT)).isEqualTo(2 * 64);
    }

    @Test
    void answersOnlyWhatIsAskedFor() {
        ModelConfig config =
                DjlHarness.config(
                        DjlHarness.engine("OnnxRuntime")
                                + ADD_SUB.substring(0, ADD_SUB.indexOf("output"))
                                + "output { name: 'OUTPUT1' data_type: TYPE_INT32 dims: [16] }");

        RecordingSender sender =
                djl.infer(config, djl.files("addsub_int32.onnx", "model.onnx"), addSub(1, 3))
                        .getFirst();

        assertThat(sender.response().outputs()).extracting(Tensor::name).containsExactly("OUTPUT1");
        sender.close();
    }

    @ParameterizedTest
    @CsvSource({
        "OnnxRuntime,bool", "OnnxRuntime,uint8", "OnnxRuntime,int8", "OnnxRuntime,int32",
        "OnnxRuntime,int64", "OnnxRuntime,fp16", "OnnxRuntime,fp32", "OnnxRuntime,fp64",
        "OnnxRuntime,bf16", "TensorFlow,bool", "TensorFlow,uint8", "TensorFlow,int8",
        "TensorFlow,int32", "TensorFlow,int64", "TensorFlow,fp32", "TensorFlow,fp64"
    })
    void carriesEveryByte(String engine, String type) {
        DataType dataType = DataType.ofWireName(type.toUpperCase(java.util.Locale.ROOT));
        ModelConfig config = identity(engine, type, dataType);
        byte[] bytes = new byte[2 * 3 * dataType.byteSize()];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) (dataType == DataType.BOOL ? i % 2 : 37 * i + 11);
        }
        Tensor input = new Tensor("INPUT0", dataType, Shape.of(2, 3), allocator.bytes(bytes));

        RecordingSender sender =
                djl.infer(config, identityFiles(engine, type), List.of(input)).getFirst();

        Tensor output = sender.response().outputs().getFirst();
        assertThat(output.type()).isEqualTo(dataType);
        assertThat(output.shape()).isEqualTo(Shape.of(2, 3));
        assertThat(output.buffer().segment().toArray(ValueLayout.JAVA_BYTE)).isEqualTo(bytes);
        sender.close();
    }

    @Test
    void carriesTextsByteForByteOnTensorFlow() {
        ModelConfig config = identity("TensorFlow", "bytes", DataType.BYTES);
        byte[][] elements = {
            {(byte) 0xff, 0, (byte) 0x80},
            {},
            "\uD83D\uDE00".getBytes(StandardCharsets.UTF_8),
            "a text that is longer than what fits inside a TF_TString"
                    .getBytes(StandardCharsets.UTF_8)
        };
        Tensor input = texts("INPUT0", Shape.of(2, 2), elements);
        byte[] sent = input.buffer().segment().toArray(ValueLayout.JAVA_BYTE);

        RecordingSender sender =
                djl.infer(config, identityFiles("TensorFlow", "bytes"), List.of(input)).getFirst();

        Tensor output = sender.response().outputs().getFirst();
        assertThat(output.buffer().segment().toArray(ValueLayout.JAVA_BYTE)).isEqualTo(sent);
        sender.close();
    }

    @ParameterizedTest
    @CsvSource({
        "OnnxRuntime,uint16",
        "OnnxRuntime,bytes",
        "TensorFlow,uint16",
        "TensorFlow,fp16",
        "TensorFlow,bf16",
        "TensorFlow,int16"
    })
    void refusesWhatItCannotCarry(String engine, String type) {
        String wire = type.toUpperCase(java.util.Locale.ROOT);
        ModelConfig config = identity(engine, type, DataType.ofWireName(wire));
        ModelFiles files = new ModelFiles(repository, 1);

        assertThatThrownBy(() -> djl.backend.openModel(config, files).close())
                .isInstanceOfSatisfying(
                        StatusException.class,
                        e -> assertThat(e.code()).isEqualTo(StatusCode.UNSUPPORTED))
                .hasMessageStartingWith(
                        "unable to load model 'm', DJL's engine "
                                + engine
                                + " cannot carry datatype "
                                + config.input("INPUT0").orElseThrow().type().configType()
                                + " of input 'INPUT0' unchanged, it carries TYPE_BOOL, TYPE_UINT8");
    }

    @Test
    void takesTheSignatureThatTheParameterNames() {
        String png =
                DjlHarness.engine("TensorFlow")
                        + signature("png")
                        + "max_batch_size: 4 input { name: 'png' data_type: TYPE_STRING dims: [1]"
                        + " reshape { shape: [] } } output [{ name: 'label' data_type: TYPE_STRING"
                        + " dims: [1] reshape { shape: [] } }]";
        ModelConfig config = DjlHarness.config(png);

        try (BackendModel model =
                djl.backend.openModel(
                        config, djl.files("digits_cnn.savedmodel", "model.savedmodel"))) {
            assertThat(model).isNotNull();
        }
    }

    @Test
    void refusesAMissingSignature() {
        ModelConfig config =
                DjlHarness.config(
                        DjlHarness.engine("TensorFlow") + signature("absent") + DIGITS_SAVED_MODEL);
        ModelFiles files = djl.files("digits_cnn.savedmodel", "model.savedmodel");

        assertThatThrownBy(() -> djl.backend.openModel(config, files).close())
                .hasMessage("unable to load model 'm', expected 'absent' signature");
    }

    @Test
    void refusesAFrozenGraph() {
        ModelConfig config =
                DjlHarness.config(
                        "platform: 'tensorflow_graphdef' backend: 'tensorflow' " + ADD_SUB);
        ModelFiles files = djl.files("addsub_int32.graphdef", "model.graphdef");

        assertThatThrownBy(() -> djl.backend.openModel(config, files).close())
                .hasMessage(
                        "unable to load model 'm', DJL's engine TensorFlow reads SavedModel"
                                + " directories only, not a frozen GraphDef; the backend"
                                + " 'tensorflow' without engine=djl does");
    }

    @Test
    void namesTheEnginesThereAre() {
        ModelConfig config = DjlHarness.config(DjlHarness.engine("MXNet") + ADD_SUB);
        ModelFiles files = djl.files("addsub_int32.onnx", "model");

        assertThatThrownBy(() -> djl.backend.openModel(config, files).close())
                .hasMessage(
                        "unable to load model 'm', DJL has no engine 'MXNet'; available engines"
                                + " are: OnnxRuntime, TensorFlow");
    }

    @Test
    void saysThatThereIsNoGpu() {
        ModelConfig config =
                DjlHarness.config(
                        DjlHarness.engine("OnnxRuntime")
                                + ADD_SUB
                                + "instance_group { kind: KIND_GPU }");
        InstanceSpec gpu = new InstanceSpec("m_0", 0, 1, new Device(Device.Kind.GPU, 0));

        try (BackendModel model =
                djl.backend.openModel(config, djl.files("addsub_int32.onnx", "model.onnx"))) {
            assertThatThrownBy(() -> model.openInstance(gpu).close())
                    .hasMessage(
                            "unable to load model 'm' on GPU 0, DJL's engine OnnxRuntime finds no"
                                    + " GPU");
        }
    }

    @Test
    void refusesAFileThatIsNotAModel() throws IOException {
        ModelFiles files = new ModelFiles(repository.resolve("m"), 1);
        Files.createDirectories(files.versionDirectory());
        Files.writeString(files.modelFile("model.onnx"), "this is no model");
        ModelConfig config = DjlHarness.config("backend: 'onnxruntime' " + ADD_SUB);

        assertThatThrownBy(() -> djl.backend.openModel(config, files).close())
                .isInstanceOfSatisfying(
                        StatusException.class,
                        e -> assertThat(e.code()).isEqualTo(StatusCode.INTERNAL))
                .hasMessageStartingWith("unable to load model 'm': ")
                .hasMessageContaining("Protobuf parsing failed");
    }

    @Test
    void refusesAMissingFile() {
        ModelFiles files = new ModelFiles(repository.resolve("m"), 1);
        ModelConfig config = DjlHarness.config("backend: 'onnxruntime' " + ADD_SUB);

        assertThatThrownBy(() -> djl.backend.openModel(config, files).close())
                .hasMessage(
                        "unable to find '"
                                + files.modelFile("model.onnx")
                                + "' for model instance 'm'");
    }

    @Test
    void refusesAConfigurationThatIsNotTheModels() {
        ModelFiles files = djl.files("addsub_int32.onnx", "model.onnx");

        assertRefused(
                files,
                ADD_SUB.replace("'INPUT1'", "'OTHER'"),
                "unexpected inference input 'OTHER', allowed inputs are: INPUT0, INPUT1");
        assertRefused(
                files,
                ADD_SUB.replace("INT32", "FP32"),
                "unable to load model 'm', configuration expects datatype TYPE_FP32 for input"
                        + " 'INPUT0', model provides TYPE_INT32");
        assertRefused(
                files,
                ADD_SUB.replace("dims: [16]", "dims: [16,1]"),
                "model 'm', tensor 'INPUT0': the model expects 2 dimensions (shape [-1,16]) but the"
                        + " model configuration specifies 3 dimensions (an initial batch dimension"
                        + " because max_batch_size > 0 followed by the explicit tensor shape, making"
                        + " complete shape [-1,16,1])");
    }

    private void assertRefused(ModelFiles files, String body, String text) {
        ModelConfig config = DjlHarness.config("backend: 'onnxruntime' " + body);
        assertThatThrownBy(() -> djl.backend.openModel(config, files).close()).hasMessage(text);
    }

    @Test
    void reportsAFailureOfTheEngineAndFreesEverything() {
        ModelConfig config =
                DjlHarness.config(
                        DjlHarness.engine("OnnxRuntime")
                                + ADD_SUB.replace("max_batch_size: 8", "")
                                        .replace("dims: [16]", "dims: [-1,16]"));
        ModelFiles files = djl.files("addsub_int32.onnx", "model.onnx");
        List<Tensor> unlike =
                List.of(
                        allocator.int32("INPUT0", Shape.of(2, 16), new int[32]),
                        allocator.int32("INPUT1", Shape.of(3, 16), new int[48]));

        assertThatThrownBy(() -> djl.infer(config, files, unlike))
                .isInstanceOfSatisfying(
                        StatusException.class,
                        e -> assertThat(e.code()).isEqualTo(StatusCode.INTERNAL))
                .hasMessageStartingWith("DJL's engine OnnxRuntime failed on model 'm': ");
    }

    @Test
    void answersWithAShapeThatTheDataDecide() {
        ModelConfig config =
                DjlHarness.config(
                        DjlHarness.engine("OnnxRuntime")
                                + "input { name: 'INPUT0' data_type: TYPE_FP32 dims: [-1] } output {"
                                + " name: 'OUTPUT0' data_type: TYPE_INT64 dims: [1,-1] }");

        RecordingSender sender =
                djl.infer(
                                config,
                                djl.files("nonzero.onnx", "model.onnx"),
                                List.of(allocator.fp32("INPUT0", Shape.of(4), 0, 3, 0, 5)))
                        .getFirst();

        Tensor output = sender.response().outputs().getFirst();
        assertThat(output.shape()).isEqualTo(Shape.of(1, 2));
        assertThat(output.buffer().segment().toArray(ValueLayout.JAVA_LONG)).containsExactly(1, 3);
        sender.close();
    }

    @Test
    void instancesShareOneModel() throws Exception {
        ModelConfig config = DjlHarness.config(DjlHarness.engine("OnnxRuntime") + ADD_SUB);
        try (BackendModel model =
                        djl.backend.openModel(
                                config, djl.files("addsub_int32.onnx", "model.onnx"));
                ExecutorService threads = Executors.newFixedThreadPool(4)) {
            List<Future<?>> done = new ArrayList<>();
            for (int t = 0; t < 4; t++) {
                int seed = t;
                done.add(threads.submit(() -> addSubMany(config, model, seed)));
            }
            for (Future<?> future : done) {
                future.get();
            }
        }
    }

    private void addSubMany(ModelConfig config, BackendModel model, int seed) {
        try (ModelInstance instance = model.openInstance(DjlHarness.CPU)) {
            for (int i = 0; i < 50; i++) {
                RecordingSender sender =
                        DjlHarness.execute(config, instance, List.of(addSub(1, seed + i)))
                                .getFirst();
                assertThat(ints(sender.response().outputs().getFirst())[15])
                        .isEqualTo(15 + seed + i);
                sender.close();
            }
        }
    }

    private ModelConfig identity(String engine, String type, DataType dataType) {
        String tensor = "data_type: " + dataType.configType() + " dims: [-1,-1]";
        return DjlHarness.config(
                DjlHarness.engine(engine)
                        + (engine.equals("TensorFlow") ? signature("identity_" + type) : "")
                        + "input { name: 'INPUT0' "
                        + tensor
                        + " } output { name: 'OUTPUT0' "
                        + tensor
                        + " }");
    }

    private ModelFiles identityFiles(String engine, String type) {
        return engine.equals("TensorFlow")
                ? djl.files("identity_all.savedmodel", "model.savedmodel")
                : djl.files("identity_" + type + ".onnx", "model.onnx");
    }

    private static String signature(String name) {
        return "parameters { key: 'TF_SIGNATURE_DEF' value { string_value: '" + name + "' } } ";
    }

    private List<Tensor> addSub(int rows, int second) {
        int[] left = new int[16 * rows];
        int[] right = new int[16 * rows];
        for (int i = 0; i < left.length; i++) {
            left[i] = i;
            right[i] = second;
        }
        return List.of(
                allocator.int32("INPUT0", Shape.of(rows, 16), left),
                allocator.int32("INPUT1", Shape.of(rows, 16), right));
    }

    private Tensor texts(String name, Shape shape, byte[]... elements) {
        int byteSize = 0;
        for (byte[] element : elements) {
            byteSize += 4 + element.length;
        }
        TensorBuffer buffer = allocator.allocate(byteSize);
        long offset = 0;
        for (byte[] element : elements) {
            buffer.segment().set(ValueLayout.JAVA_INT_UNALIGNED, offset, element.length);
            MemorySegment.copy(
                    element,
                    0,
                    buffer.segment(),
                    ValueLayout.JAVA_BYTE,
                    offset + 4,
                    element.length);
            offset += 4 + element.length;
        }
        return new Tensor(name, DataType.BYTES, shape, buffer);
    }

    private static float[] pixels() throws IOException {
        List<String> lines = Files.readAllLines(fixture("digits_test.csv"));
        float[] pixels = new float[lines.size() * 64];
        int at = 0;
        for (String line : lines) {
            String[] values = line.split(",", -1);
            for (int i = 1; i < values.length; i++) {
                pixels[at++] = Float.parseFloat(values[i]) / 255f;
            }
        }
        return pixels;
    }

    private static float[] rows(String fixture) throws IOException {
        List<String> values = new ArrayList<>();
        for (String line : Files.readAllLines(fixture(fixture))) {
            values.addAll(List.of(line.split(",", -1)));
        }
        float[] numbers = new float[values.size()];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = Float.parseFloat(values.get(i));
        }
        return numbers;
    }

    private static Path fixture(String name) {
        return Path.of("src/test/resources/models").resolve(name);
    }

    private static float[] floats(Tensor tensor) {
        return tensor.buffer().segment().toArray(ValueLayout.JAVA_FLOAT);
    }

    private static int[] ints(Tensor tensor) {
        return tensor.buffer().segment().toArray(ValueLayout.JAVA_INT);
    }
}
