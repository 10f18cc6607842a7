package io.nereid.load.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nereid.load.data.DataOptions.Source;
import io.nereid.protocol.DataType;
import io.nereid.protocol.Shape;
import io.nereid.protocol.StatusException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

final class InputLoaderTest {
    @TempDir private Path folder;

    private static ModelShape model(int maxBatchSize, InputSpec... inputs) {
        return new ModelShape(
                "m", maxBatchSize, List.of(inputs), List.of(), false, false, false, Set.of());
    }

    private static InputSpec input(String name, DataType type, Shape dims, boolean batched) {
        return new InputSpec(name, type, dims, batched, false);
    }

    private static DataOptions options(Source source, int batch) {
        return new DataOptions(source, batch, Map.of(), 5, Optional.empty());
    }

    private static InputData load(ModelShape model, DataOptions options) {
        return InputLoader.load(model, options, new SplittableRandom(1));
    }

    private static String json(TensorValue value) {
        StringBuilder json = new StringBuilder();
        JsonData.append(value, json);
        return json.toString();
    }

    private InputData file(ModelShape model, String json) throws IOException {
        Path file = folder.resolve("data.json");
        Files.writeString(file, json);
        return load(model, options(new Source.Files(List.of(file)), 1));
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "INVALID")
    void makesUpEveryTypeInTheRightSize(DataType type) {
        InputData data =
                load(
                        model(8, input("X", type, Shape.of(3), true)),
                        options(new Source.Random(), 2));

        TensorValue value = data.requests().getFirst().getFirst();
        assertThat(value.shape()).isEqualTo(Shape.of(2, 3));
        // A string has five letters here, and four bytes for their number.
        assertThat(value.bytes()).hasSize(6 * (type == DataType.BYTES ? 9 : type.byteSize()));
    }

    @Test
    void makesUpTheSameValuesInEveryRun() {
        ModelShape model = model(0, input("X", DataType.FP32, Shape.of(4), false));
        DataOptions options = options(new Source.Random(), 1);

        assertThat(load(model, options).requests().getFirst().getFirst().bytes())
                .isEqualTo(load(model, options).requests().getFirst().getFirst().bytes());
    }

    @Test
    void makesUpNumbersThatMayBeIndices() {
        TensorValue value =
                load(
                                model(0, input("X", DataType.INT64, Shape.of(500), false)),
                                options(new Source.Random(), 1))
                        .requests()
                        .getFirst()
                        .getFirst();
        ByteBuffer numbers = ByteBuffer.wrap(value.bytes()).order(ByteOrder.LITTLE_ENDIAN);
        while (numbers.hasRemaining()) {
            assertThat(numbers.getLong()).isBetween(0L, 127L);
        }
    }

    @Test
    void sendsZeros() {
        InputData data =
                load(
                        model(
                                0,
                                input("X", DataType.INT32, Shape.of(2), false),
                                input("S", DataType.BYTES, Shape.of(1), false)),
                        options(new Source.Zero(), 1));

        assertThat(data.requests().getFirst())
                .extracting(InputLoaderTest::json)
                .containsExactly("[0,0]", "[\"\"]");
    }

    @Test
    void takesOneStringForAll() {
        DataOptions options =
                new DataOptions(new Source.Random(), 1, Map.of(), 5, Optional.of("ab"));

        assertThat(
                        json(
                                load(
                                                model(
                                                        0,
                                                        input(
                                                                "S",
                                                                DataType.BYTES,
                                                                Shape.of(2),
                                                                false)),
                                                options)
                                        .requests()
                                        .getFirst()
                                        .getFirst()))
                .isEqualTo("[\"ab\",\"ab\"]");
    }

    @Test
    void leavesOutWhatMayBeLeftOut() {
        InputSpec optional = new InputSpec("O", DataType.FP32, Shape.of(1), false, true);

        assertThat(load(model(0, optional), options(new Source.Random(), 1)).requests())
                .containsExactly(List.of());
    }

    @Test
    void readsRequestsOfAFileInAllTheirForms() throws IOException {
        InputData data =
                file(
                        model(
                                4,
                                input("A", DataType.INT32, Shape.of(-1), true),
                                input("S", DataType.BYTES, Shape.of(1), true)),
                        """
                        {"comment": {"x": [1]}, "data": [
                          {"A": {"content": [1, [2, 3]], "shape": [3]}, "S": ["é\\"x"]},
                          {"A": {"content": {"b64": "BwAAAA=="}, "shape": [1]}, "S": "alone"}
                        ]}
                        """);

        assertThat(data.streams()).hasSize(1);
        assertThat(data.requests().get(0))
                .extracting(InputLoaderTest::json)
                .containsExactly("[1,2,3]", "[\"é\\\"x\"]");
        assertThat(data.requests().get(1))
                .extracting(InputLoaderTest::json)
                .containsExactly("[7]", "[\"alone\"]");
        assertThat(data.requests().get(0).getFirst().shape()).isEqualTo(Shape.of(1, 3));
    }

    @Test
    void readsStreamsOfAFile() throws IOException {
        InputData data =
                file(
                        model(0, input("A", DataType.FP32, Shape.of(1), false)),
                        "{\"data\": [[{\"A\": [1.5]}, {\"A\": [2]}], [{\"A\": [3e2]}]]}");

        assertThat(data.streams()).extracting(List::size).containsExactly(2, 1);
        assertThat(json(data.requests().getLast().getFirst())).isEqualTo("[300.0]");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"data\": [{\"B\": [1]}]}              | names input 'B'",
                "{\"data\": [{\"A\": [1, 2]}]}           | has 4 bytes, the data for it 8",
                "{\"data\": [{\"A\": [\"x\"]}]}          | line 1: has x as an element",
                "{\"data\": [{}]}                        | has nothing for input 'A'",
                "{\"data\": []}                          | has no requests",
                "{\"data\": [[]]}                        | a stream without requests",
                "[1]                                     | should have an object",
                "{\"data\": [{\"A\": {\"x\": 1}}]}       | unknown member \"x\"",
                "{\"data\": [{\"A\": [1                  | cannot read"
            })
    void saysWhatIsWrongWithAFile(String json, String message) {
        ModelShape model = model(0, input("A", DataType.INT32, Shape.of(1), false));

        assertThatThrownBy(() -> file(model, json))
                .isInstanceOf(StatusException.class)
                .hasMessageContaining(message)
                .hasMessageContaining(message.contains("bytes") ? "input" : "data.json");
    }

    @Test
    void readsAFolderWithAFileForEachInput() throws IOException {
        Files.write(folder.resolve("A"), new byte[] {1, 0, 2, 0});
        Files.writeString(folder.resolve("S"), "one\ntwo\n");

        InputData data =
                load(
                        model(
                                2,
                                input("A", DataType.INT16, Shape.of(2), true),
                                input("S", DataType.BYTES, Shape.of(2), true)),
                        options(new Source.Folder(folder), 2));

        assertThat(data.requests().getFirst())
                .extracting(InputLoaderTest::json)
                .containsExactly("[1,2,1,2]", "[\"one\",\"two\",\"one\",\"two\"]");
    }

    @Test
    void asksForExtentsThatItCannotKnow() {
        ModelShape model = model(0, input("X", DataType.FP32, Shape.of(3, -1), false));

        assertThatThrownBy(() -> load(model, options(new Source.Random(), 1)))
                .hasMessageContaining("--shape X:3,16");
    }

    @Test
    void refusesBatchesThatTheModelDoesNotTake() {
        InputSpec input = input("X", DataType.FP32, Shape.of(1), true);

        assertThatThrownBy(() -> load(model(0, input), options(new Source.Zero(), 2)))
                .hasMessageContaining("does not batch");
        assertThatThrownBy(() -> load(model(4, input), options(new Source.Zero(), 5)))
                .hasMessageContaining("batches of 4 at most");
    }

    @Test
    void refusesShapesOfInputsThatAreNotThere() {
        DataOptions options =
                new DataOptions(
                        new Source.Zero(), 1, Map.of("Y", Shape.of(1)), 5, Optional.empty());

        assertThatThrownBy(() ->
                        load(model(0, input("X", DataType.FP32, Shape.of(1), false)), options))
                .hasMessageContaining("--shape names input 'Y', model 'm' has [X]");
    }
}
