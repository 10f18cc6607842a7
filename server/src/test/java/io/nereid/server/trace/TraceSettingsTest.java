package io.nereid.server.trace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import io.nereid.server.trace.TraceControl.Protocol;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TraceSettingsTest {
    private static final Optional<String> GLOBAL = Optional.empty();
    private static final Optional<String> ADD = Optional.of("add");
    private static final Optional<String> OTHER = Optional.of("other");

    private TraceSettings settings = started("/tmp/t.json");

    private static TraceSettings started(String file) {
        return new TraceSettings(new TraceOptions("triton", Set.of(), 1000, -1, 0, file, Map.of()));
    }

    private static TraceSettings started(String mode, Map<String, String> options) {
        return new TraceSettings(new TraceOptions(mode, Set.of(), 1000, -1, 0, "", options));
    }

    /** The effective settings as text. */
    private String shown(Optional<String> model) {
        return settings.settings(model).entrySet().stream()
                .map(entry -> entry.getKey() + "=" + String.join("+", entry.getValue()))
                .collect(Collectors.joining(" "));
    }

    private void update(Optional<String> model, String... namesAndValues) {
        Map<String, List<String>> changes = new LinkedHashMap<>();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            String values = namesAndValues[i + 1];
            changes.put(
                    namesAndValues[i], values.isEmpty() ? List.of() : List.of(values.split("\\+")));
        }
        settings.update(model, changes, Protocol.HTTP);
    }

    private void assertRefused(StatusCode code, String text, Protocol protocol, String... change) {
        String before = shown(ADD) + shown(GLOBAL);
        assertThatExceptionOfType(StatusException.class)
                .isThrownBy(
                        () -> settings.update(ADD, Map.of(change[0], List.of(change[1])), protocol))
                .satisfies(e -> assertThat(e.text()).isEqualTo(text))
                .extracting(StatusException::code)
                .isEqualTo(code);
        assertThat(shown(ADD) + shown(GLOBAL)).isEqualTo(before);
    }

    @Test
    void beginsAsTheServerWasStarted() {
        settings =
                new TraceSettings(
                        new TraceOptions(
                                "triton",
                                Set.of(TraceLevel.TENSORS, TraceLevel.TIMESTAMPS),
                                9,
                                3,
                                2,
                                "f",
                                Map.of("x", "y")));

        assertThat(shown(GLOBAL))
                .isEqualTo(
                        "trace_level=TIMESTAMPS+TENSORS trace_rate=9 trace_count=3 log_frequency=2"
                                + " trace_file=f trace_mode=triton x=y")
                .isEqualTo(shown(ADD));
    }

    @Test
    void showsTheOptionsOfItsMode() {
        settings = started("opentelemetry", Map.of("url", "localhost:4318/v1/traces"));

        assertThat(shown(GLOBAL))
                .isEqualTo(
                        "trace_level=OFF trace_rate=1000 trace_count=-1 trace_mode=opentelemetry"
                                + " url=localhost:4318/v1/traces");
    }

    @Test
    void layersModelsOverGlobalOverStart() {
        update(ADD, "trace_rate", "7", "trace_level", "TIMESTAMPS", "log_frequency", "2");
        assertThat(shown(ADD))
                .isEqualTo(
                        "trace_level=TIMESTAMPS trace_rate=7 trace_count=-1 log_frequency=2"
                                + " trace_file=/tmp/t.json trace_mode=triton");
        assertThat(shown(OTHER)).isEqualTo(shown(GLOBAL)).contains("trace_rate=1000");

        update(GLOBAL, "trace_rate", "11", "trace_count", "5");
        assertThat(shown(OTHER)).contains("trace_rate=11 trace_count=5");
        assertThat(shown(ADD)).contains("trace_rate=7 trace_count=5");

        update(ADD, "trace_rate", "");
        assertThat(shown(ADD)).contains("trace_level=TIMESTAMPS trace_rate=11");

        update(ADD, "trace_level", "", "log_frequency", "", "trace_count", "");
        update(GLOBAL, "trace_rate", "", "trace_count", "");
        assertThat(shown(ADD))
                .isEqualTo(shown(GLOBAL))
                .contains("trace_level=OFF trace_rate=1000 trace_count=-1");
    }

    @Test
    void keepsOffForAModelWhenTracingIsSwitchedOnForAll() {
        update(ADD, "trace_level", "OFF");
        update(GLOBAL, "trace_level", "TIMESTAMPS+TENSORS");

        assertThat(shown(ADD)).contains("trace_level=OFF");
        assertThat(shown(OTHER)).contains("trace_level=TIMESTAMPS+TENSORS");
    }

    @Test
    void ignoresUnknownNamesAndLevels() {
        update(GLOBAL, "foo", "1", "trace_mode", "opentelemetry", "trace_level", "LOUD");

        assertThat(shown(GLOBAL)).contains("trace_level=OFF").contains("trace_mode=triton");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    """
                    trace_rate    | abc         | Unable to parse 'trace_rate', got: abc
                    trace_count   | -           | Unable to parse 'trace_count', got: -
                    log_frequency | x1          | Unable to parse 'log_frequency', got: x1
                    trace_rate    | 2147483648  | Unable to parse 'trace_rate', value is out of range [ 0, 4294967295 ], got: 2147483648
                    log_frequency | 99999999999 | Unable to parse 'log_frequency', value is out of range [ 0, 4294967295 ], got: 99999999999
                    trace_count   | -2147483649 | Unable to parse 'trace_count', value is out of range [ -1, 2147483647 ], got: -2147483649
                    trace_count   | -5          | Unable to parse 'trace_count'. Expecting value >= -1, got:-5
                    """)
    void refusesOtherNumbers(String name, String value, String text) {
        assertRefused(StatusCode.INVALID_ARG, text, Protocol.HTTP, name, value);
    }

    @Test
    void refusesNoNumberAtAll() {
        assertRefused(
                StatusCode.INVALID_ARG,
                "Unable to parse 'trace_rate', got: ",
                Protocol.HTTP,
                "trace_rate",
                "");
    }

    @Test
    void namesANegativeCountAsTheProtocolDoes() {
        assertRefused(
                StatusCode.INVALID_ARG,
                "Unable to parse 'trace_count'. Expecting value >= -1, got: -2",
                Protocol.GRPC,
                "trace_count",
                "-2");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    """
                    12x  | 12
                    ` 5` | 5
                    008  | 8
                    1e3  | 1
                    -1   | 4294967295
                    """)
    void readsNumbersAsCDoes(String text, String value) {
        update(GLOBAL, "trace_rate", text);

        assertThat(settings.settings(GLOBAL)).containsEntry("trace_rate", List.of(value));
    }

    @Test
    void doesNotChangeTheFile() {
        assertRefused(
                StatusCode.UNSUPPORTED,
                "trace file location can not be updated through network protocol",
                Protocol.HTTP,
                "trace_file",
                "/tmp/x");
    }

    @Test
    void takesOffAloneAndOneValueOfOthers() {
        assertThatExceptionOfType(StatusException.class)
                .isThrownBy(() -> update(GLOBAL, "trace_level", "OFF+TENSORS"))
                .withMessage("Expect only one trace level 'OFF' is specified");
        assertThatExceptionOfType(StatusException.class)
                .isThrownBy(() -> update(GLOBAL, "trace_rate", "1+2"))
                .withMessage("expect only 1 value for 'trace_rate'");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void refusesToTraceWithoutFile(boolean global) {
        settings = started("");
        Optional<String> scope = global ? GLOBAL : ADD;

        assertThatExceptionOfType(StatusException.class)
                .isThrownBy(() ->
                        update(
                                scope,
                                "trace_rate",
                                "7",
                                "trace_level",
                                "TIMESTAMPS",
                                "trace_count",
                                "3"))
                .withMessage(
                        "Attempting to set invalid trace setting :trace file name is not given");

        assertThat(shown(scope)).contains("trace_level=OFF trace_rate=1000 trace_count=-1");
        update(scope, "trace_rate", "7");
        assertThat(shown(scope)).contains("trace_rate=7");
    }

    @Test
    void refusesARateOfZeroWhileTracing() {
        update(GLOBAL, "trace_level", "TIMESTAMPS");
        assertRefused(
                StatusCode.INVALID_ARG,
                "Attempting to set invalid trace setting :sample rate must be non-zero",
                Protocol.HTTP,
                "trace_rate",
                "0");

        update(GLOBAL, "trace_level", "OFF", "trace_rate", "0");
        assertThat(shown(ADD)).contains("trace_level=OFF trace_rate=0");
    }

    @Test
    void needsNoFileInOtherModes() {
        settings = started("opentelemetry", Map.of());

        update(GLOBAL, "trace_level", "TIMESTAMPS");

        assertThat(shown(GLOBAL)).contains("trace_level=TIMESTAMPS");
    }

    @Test
    void losesNoChangeOfManyThreads() {
        try (ExecutorService threads = Executors.newFixedThreadPool(8)) {
            for (int i = 0; i < 200; i++) {
                Optional<String> model = Optional.of("m" + i);
                threads.execute(() -> update(model, "trace_rate", "5"));
            }
        }

        for (int i = 0; i < 200; i++) {
            assertThat(shown(Optional.of("m" + i))).contains("trace_rate=5");
        }
    }
}
