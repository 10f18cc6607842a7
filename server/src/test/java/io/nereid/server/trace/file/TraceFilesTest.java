package io.nereid.server.trace.file;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.nereid.protocol.InferenceRequest;
import io.nereid.protocol.RequestTrace;
import io.nereid.server.FakeModel;
import io.nereid.server.logging.BackgroundWriter;
import io.nereid.server.trace.CallTrace;
import io.nereid.server.trace.TraceControl.Protocol;
import io.nereid.server.trace.TraceLevel;
import io.nereid.server.trace.TraceOptions;
import io.nereid.server.trace.TraceSettings;
import io.nereid.server.trace.TracedProtocol;
import io.nereid.server.trace.Tracing;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TraceFilesTest {
    private static final FakeModel MODEL = FakeModel.echo(FakeModel.config("add", 0, 1), 1);

    @TempDir private Path directory;

    /** A tracing that can be changed while it runs. */
    private record Running(TraceSettings settings, Tracing tracing) {
        void requests(int count) {
            for (int i = 0; i < count; i++) {
                CallTrace call = begin();
                call.request().started(new InferenceRequest("add", OptionalLong.empty()));
                call.request().ended(Optional.empty());
                call.close();
            }
        }

        CallTrace begin() {
            return tracing.begin(TracedProtocol.GRPC, MODEL, _ -> Optional.empty());
        }

        void update(String name, String value) {
            settings.update(Optional.empty(), Map.of(name, List.of(value)), Protocol.HTTP);
        }

        void close() {
            tracing.close();
        }
    }

    private Running start(long count, long logFrequency) {
        return start(directory.resolve("trace.json"), count, logFrequency);
    }

    private Running start(Path file, long count, long logFrequency) {
        TraceSettings settings =
                new TraceSettings(
                        new TraceOptions(
                                "triton",
                                Set.of(TraceLevel.TIMESTAMPS),
                                1,
                                count,
                                logFrequency,
                                file.toString(),
                                Map.of()));
        return new Running(
                settings,
                new Tracing(
                        settings,
                        false,
                        () -> 5,
                        () -> "",
                        new TraceFiles(new TraceFile(file, () -> 0)),
                        new BackgroundWriter("files of a test", 0, () -> {})));
    }

    /** The files that there are, each with the number of traces in it. */
    private Map<String, Long> files() throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.collect(
                    Collectors.toMap(
                            file -> file.getFileName().toString(), TraceFilesTest::traces));
        }
    }

    private static long traces(Path file) {
        try {
            List<Long> ids =
                    new ObjectMapper()
                            .readTree(file.toFile())
                            .valueStream()
                            .filter(object -> object.has("model_name"))
                            .map(object -> object.get("id").asLong())
                            .toList();
            assertThat(ids).doesNotHaveDuplicates();
            return ids.size();
        } catch (IOException e) {
            throw new AssertionError(file + " is no JSON", e);
        }
    }

    @Test
    void writesOneFileAtTheEnd() throws IOException {
        Running running = start(-1, 0);
        running.requests(5);
        running.close();

        assertThat(files()).containsExactlyInAnyOrderEntriesOf(Map.of("trace.json", 5L));
    }

    @Test
    void writesFilesOfEqualSizeAndTheRest() throws IOException {
        Running running = start(-1, 2);
        running.requests(5);
        running.close();

        assertThat(files())
                .containsExactlyInAnyOrderEntriesOf(
                        Map.of("trace.json.0", 2L, "trace.json.1", 2L, "trace.json.2", 1L));
    }

    @Test
    void writesANumberedFileWhenAllThatWereAskedForAreThere() throws IOException {
        Running running = start(3, 0);
        running.requests(5);
        running.close();

        assertThat(files()).containsExactlyInAnyOrderEntriesOf(Map.of("trace.json.0", 3L));
    }

    @Test
    void writesWhatIsThereWhenASettingIsReplaced() throws IOException {
        Running running = start(-1, 0);
        running.requests(2);
        running.update("log_frequency", "3");
        running.requests(4);
        running.close();

        assertThat(files())
                .containsExactlyInAnyOrderEntriesOf(
                        Map.of("trace.json", 2L, "trace.json.0", 3L, "trace.json.1", 1L));
    }

    @Test
    void letsWhatIsOnItsWayEndInItsOwnSetting() throws IOException {
        Running running = start(-1, 0);
        CallTrace late = running.begin();
        late.request().started(new InferenceRequest("add", OptionalLong.empty()));
        running.update("log_frequency", "1");
        running.requests(1);
        late.request().ended(Optional.empty());
        late.close();
        running.close();

        assertThat(files())
                .containsExactlyInAnyOrderEntriesOf(Map.of("trace.json", 1L, "trace.json.0", 1L));
    }

    @Test
    void writesAsTheReferenceDoes() throws IOException {
        Running running = start(-1, 0);
        InferenceRequest request = new InferenceRequest("add", OptionalLong.empty());
        request.setId("a\"b");
        CallTrace call = running.begin();
        call.at(CallTrace.Moment.RECEIVE_START, 1);
        call.request().started(request);
        RequestTrace step = call.request().child("step", 2);
        step.started(new InferenceRequest("step", OptionalLong.empty()));
        step.ended(Optional.empty());
        call.request().ended(Optional.empty());
        call.close();
        running.close();

        assertThat(directory.resolve("trace.json"))
                .hasContent(
                        "["
                                + String.join(
                                        ",",
                                        stamp(1, "GRPC_WAITREAD_START", 1),
                                        "{\"id\":1,\"model_name\":\"add\",\"model_version\":1,"
                                                + "\"request_id\":\"a\\\"b\"}",
                                        stamp(1, "REQUEST_START", 5),
                                        stamp(1, "REQUEST_END", 5),
                                        stamp(1, "INFER_RESPONSE_COMPLETE", 5),
                                        "{\"id\":2,\"model_name\":\"step\",\"model_version\":2,"
                                                + "\"parent_id\":1}",
                                        stamp(2, "REQUEST_START", 5),
                                        stamp(2, "REQUEST_END", 5))
                                + "]");
    }

    private static String stamp(long id, String name, long nanos) {
        return "{\"id\":"
                + id
                + ",\"timestamps\":[{\"name\":\""
                + name
                + "\",\"ns\":"
                + nanos
                + "}]}";
    }

    @Test
    void goesOnServingWhenItCannotWrite() {
        Running running = start(directory.resolve("missing/trace.json"), -1, 1);
        running.requests(2);
        running.close();

        assertThat(directory).isEmptyDirectory();
    }
}
