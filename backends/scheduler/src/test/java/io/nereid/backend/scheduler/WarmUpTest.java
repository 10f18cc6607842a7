package io.nereid.backend.scheduler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nereid.backend.Batch;
import io.nereid.backend.ExecutionListener;
import io.nereid.backend.FakeBackendModel;
import io.nereid.backend.Model;
import io.nereid.backend.ModelContractTest;
import io.nereid.backend.RecordingListener;
import io.nereid.backend.TestConfigs;
import io.nereid.backend.scheduler.data.ModelData;
import io.nereid.protocol.LeakCheckedAllocator;
import io.nereid.protocol.ModelConfig;
import io.nereid.protocol.Shape;
import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.Tensor;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What instances execute before they get requests (repository section 19). */
class WarmUpTest {
    @TempDir Path directory;

    @RegisterExtension final LeakCheckedAllocator allocator = new LeakCheckedAllocator();
    private final List<byte[]> inputs = new CopyOnWriteArrayList<>();
    private final List<Shape> shapes = new CopyOnWriteArrayList<>();
    private final List<String> threads = new CopyOnWriteArrayList<>();
    private final FakeBackendModel engine =
            new FakeBackendModel(batch -> {
                note(batch);
                ModelContractTest.echo(batch);
            });

    @BeforeEach
    void makeDirectory() throws IOException {
        Files.createDirectory(directory.resolve("warmup"));
    }

    private void note(Batch batch) {
        threads.add(Thread.currentThread().getName());
        for (int i = 0; i < batch.size(); i++) {
            Tensor input = batch.request(i).input("IN").orElseThrow();
            shapes.add(input.shape());
            inputs.add(input.buffer().segment().toArray(ValueLayout.JAVA_BYTE));
        }
    }

    private Model open(String warmUp) {
        return open(EchoModel.config(warmUp), ExecutionListener.NONE);
    }

    private Model open(ModelConfig config, ExecutionListener listener) {
        return Schedulers.open(
                config,
                1,
                engine,
                EchoModel.instances(2),
                new ModelData(directory, allocator),
                EchoModel.context(listener));
    }

    private static String sample(String more, String input) {
        return "model_warmup { name: 's' %s inputs { key: 'IN' value: { data_type: TYPE_FP32 %s } } }"
                .formatted(more, input);
    }

    @Test
    void everyInstanceExecutesEverySampleOnItsOwnThread() {
        RecordingListener told = new RecordingListener();
        try (Model model =
                open(
                        EchoModel.config(
                                sample("batch_size: 3 count: 2", "dims: 2 zero_data: true")),
                        told)) {
            assertThat(model.config().name()).isEqualTo("echo");
        }

        assertThat(engine.batchSizes()).containsExactly(3, 3, 3, 3);
        assertThat(threads).containsOnly("nereid-echo-0", "nereid-echo-1");
        assertThat(shapes).hasSize(12).containsOnly(Shape.of(1, 2));
        assertThat(inputs).allSatisfy(bytes -> assertThat(bytes).containsOnly(0).hasSize(8));
        assertThat(told.executions()).hasSize(4);
    }

    @Test
    void aSampleWithoutBatchSizeIsSkipped() {
        open(sample("", "dims: 2 zero_data: true")).close();

        assertThat(engine.batchSizes()).isEmpty();
    }

    @Test
    void randomRealNumbersLieBetweenZeroAndOne() {
        open(sample("batch_size: 1", "dims: 2 random_data: false")).close();

        assertThat(inputs).hasSize(2);
        for (byte[] bytes : inputs) {
            for (int at = 0; at < bytes.length; at += Float.BYTES) {
                float number =
                        MemorySegment.ofArray(bytes).get(ValueLayout.JAVA_FLOAT_UNALIGNED, at);
                assertThat(number).isStrictlyBetween(0f, 1f);
            }
        }
    }

    @Test
    void dataOfAFileMayBeLongerThanTheInput() throws IOException {
        byte[] data = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10};
        Files.write(directory.resolve("warmup").resolve("x.bin"), data);

        open(sample("batch_size: 1", "dims: 2 input_data_file: 'x.bin'")).close();

        assertThat(inputs)
                .hasSize(2)
                .allSatisfy(bytes -> assertThat(bytes).containsExactly(1, 2, 3, 4, 5, 6, 7, 8));
    }

    @Test
    void stringsAreEmptyOrThoseOfTheFile() throws IOException {
        byte[] hello = {2, 0, 0, 0, 'h', 'i', 0, 0, 0, 0};
        Files.write(directory.resolve("warmup").resolve("s.bin"), hello);
        String strings =
                """
                name: "echo" backend: "fake"
                input { name: "IN" data_type: TYPE_STRING dims: 2 }
                output { name: "OUT" data_type: TYPE_STRING dims: 2 }
                output { name: "COPY" data_type: TYPE_STRING dims: 2 }
                model_warmup { name: "a" batch_size: 1 inputs { key: "IN" value: {
                  data_type: TYPE_STRING dims: 2 random_data: true } } }
                model_warmup { name: "b" batch_size: 1 inputs { key: "IN" value: {
                  data_type: TYPE_STRING dims: 2 input_data_file: "s.bin" } } }
                """;

        open(TestConfigs.parse(strings), ExecutionListener.NONE).close();

        assertThat(inputs).contains(new byte[8], hello);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "dims: -1 zero_data: true | warmup setting expects all variable-size dimensions are"
                        + " specified for input 'IN'",
                "dims: 2 | [request id: <id_unknown>] warmup setting expects input 'IN' to have"
                        + " input_data_type set",
                "dims: 2 input_data_file: 'short' | [request id: <id_unknown>] warmup setting"
                        + " expects 8 bytes, but the data provided from shortonly has 3 bytes",
                "dims: 2 input_data_file: '../x' | warmup data file '../x' is outside of the"
                        + " directory",
                "dims: 2 input_data_file: 'none' | No such file or directory",
                "dims: 4611686018427387904 dims: 4 zero_data: true | element count for warmup input"
                        + " 'IN' exceeds maximum size of 9223372036854775807",
                "dims: 3 zero_data: true | unexpected shape for input 'IN' for model 'echo'"
            })
    void whatIsWrongFailsTheLoad(String input, String text) throws IOException {
        Files.write(directory.resolve("warmup").resolve("short"), new byte[3]);

        assertThatThrownBy(() -> open(sample("batch_size: 1", input)))
                .isInstanceOf(StatusException.class)
                .hasMessageContaining(text);

        assertThat(engine.events()).contains("close 0", "close 1", "close");
    }

    @Test
    void aMissingInputFailsTheLoad() {
        assertThatThrownBy(() -> open("model_warmup { name: 's' batch_size: 1 }"))
                .isInstanceOf(StatusException.class)
                .hasMessageContaining("expected 1 inputs but got 0 inputs for model 'echo'");
    }

    @Test
    void aSampleThatFailsFailsTheLoad() {
        FakeBackendModel failing =
                new FakeBackendModel(batch -> {
                    throw new StatusException(StatusCode.INTERNAL, "no");
                });
        ModelConfig config = EchoModel.config(sample("batch_size: 2", "dims: 2 zero_data: true"));

        assertThatThrownBy(() ->
                        Schedulers.open(
                                config,
                                1,
                                failing,
                                EchoModel.instances(1),
                                new ModelData(directory, allocator),
                                EchoModel.context(ExecutionListener.NONE)))
                .isInstanceOf(StatusException.class)
                .hasMessage("failed to run warmup sample 's': no; no; ");
        assertThat(failing.events()).containsExactly("open 0", "close 0", "close");
    }
}
