package io.nereid.server.main;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.nereid.server.trace.TraceLevel;
import io.nereid.server.trace.TraceOptions;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

class TraceFlagsTest {
    private static TraceOptions read(Map<String, String> environment, String... flags) {
        Line line = new Line();
        new CommandLine(line).setOverwrittenOptionsAllowed(true).parseArgs(flags);
        return line.flags.options(environment);
    }

    private static TraceOptions read(String... flags) {
        return read(Map.of(), flags);
    }

    @Command
    private static final class Line {
        @Mixin private TraceFlags flags = new TraceFlags();
    }

    @Test
    void tracesNothingByDefault() {
        assertThat(read())
                .isEqualTo(new TraceOptions("triton", Set.of(), 1000, -1, 0, "", Map.of()));
    }

    @Test
    void readsSettings() {
        assertThat(
                        read(
                                "--trace-config=rate=6",
                                "--trace-config=count=2",
                                "--trace-config=level=timestamps",
                                "--trace-config=level=TENSORS",
                                "--trace-config=triton,log-frequency=3",
                                "--trace-config=triton,file=a,b"))
                .isEqualTo(
                        new TraceOptions(
                                "triton",
                                Set.of(TraceLevel.TIMESTAMPS, TraceLevel.TENSORS),
                                6,
                                2,
                                3,
                                "a,b",
                                Map.of()));
    }

    @Test
    void takesTheFlagsOfOldWhereNothingElseIsSaid() {
        assertThat(
                        read(
                                "--trace-file=old",
                                "--trace-level=MAX",
                                "--trace-level=TENSORS",
                                "--trace-rate=5",
                                "--trace-count=7",
                                "--trace-log-frequency=9"))
                .isEqualTo(
                        new TraceOptions(
                                "triton",
                                Set.of(TraceLevel.TIMESTAMPS, TraceLevel.TENSORS),
                                5,
                                7,
                                9,
                                "old",
                                Map.of()));
        assertThat(
                        read(
                                "--trace-rate=5",
                                "--trace-config=rate=6",
                                "--trace-level=TENSORS",
                                "--trace-config=level=TIMESTAMPS",
                                "--trace-file=old",
                                "--trace-config=triton,file=new"))
                .isEqualTo(
                        new TraceOptions(
                                "triton",
                                Set.of(TraceLevel.TIMESTAMPS),
                                6,
                                -1,
                                0,
                                "new",
                                Map.of()));
    }

    @Test
    void isSwitchedOffByTheFlagOfOldOnly() {
        assertThat(read("--trace-level=OFF", "--trace-config=level=TIMESTAMPS").levels()).isEmpty();
        assertThat(read("--trace-config=level=OFF", "--trace-config=level=TIMESTAMPS").levels())
                .containsExactly(TraceLevel.TIMESTAMPS);
    }

    @Test
    void readsOptionsOfOpenTelemetryBeforeItsVariables() {
        Map<String, String> environment =
                Map.of(
                        "OTEL_BSP_MAX_QUEUE_SIZE", "7",
                        "OTEL_BSP_SCHEDULE_DELAY", "8",
                        "OTEL_RESOURCE_ATTRIBUTES", "a=1,b=2");

        assertThat(
                        read(
                                        environment,
                                        "--trace-config=mode=opentelemetry",
                                        "--trace-config=opentelemetry,url=u",
                                        "--trace-config=opentelemetry,resource=b=3",
                                        "--trace-config=opentelemetry,resource=c=4",
                                        "--trace-config=opentelemetry,bsp_schedule_delay=9")
                                .modeOptions())
                .containsExactlyInAnyOrderEntriesOf(
                        Map.of(
                                "url", "u",
                                "resource", "a=1,b=2,b=3,c=4",
                                "bsp_max_queue_size", "7",
                                "bsp_schedule_delay", "9"));
        assertThat(read(environment).modeOptions()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"bsp_schedule_delay, x", "bsp_max_queue_size, 0", "bsp_max_export_batch_size, ''"})
    void refusesOtherNumbersForOpenTelemetry(String setting, String value) {
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        read(
                                "--trace-config=mode=opentelemetry",
                                "--trace-config=opentelemetry," + setting + "=" + value))
                .withMessage("Bad option: \"--trace-config opentelemetry," + setting + "\".");
    }

    @Test
    void refusesOtherNumbersInVariables() {
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        read(
                                Map.of("OTEL_BSP_SCHEDULE_DELAY", "soon"),
                                "--trace-config=mode=opentelemetry"))
                .withMessage("Bad option: \"OTEL_BSP_SCHEDULE_DELAY\".");
    }
}
