package io.nereid.server.main;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nereid.backend.scheduler.ratelimit.ResourceLimit;
import io.nereid.server.ServerOptions;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;

class InstanceFlagsTest {
    private static ServerOptions parse(String... flags) {
        List<String> all = new ArrayList<>(List.of("--model-repository=/models"));
        all.addAll(List.of(flags));
        ServeCommand command = new ServeCommand();
        new CommandLine(command).parseArgs(all.toArray(String[]::new));
        return command.options(Map.of(), Path.of("/home"));
    }

    @Test
    void limitsNothingUnlessAsked() {
        ServerOptions.Instances instances = parse().instances();

        assertThat(instances.rateLimited()).isFalse();
        assertThat(instances.resources()).isEmpty();
        assertThat(parse("--rate-limit=OFF").instances().rateLimited()).isFalse();
        assertThat(parse("--rate-limit=Execution_Count").instances().rateLimited()).isTrue();
    }

    @Test
    void readsHowLongExecutionsMayTakeWhereRequestsAreReceived() {
        assertThat(parse().instances().inline()).hasNanos(100_000);
        assertThat(parse("--inline-execution-usecs=20").instances().inline()).hasNanos(20_000);
        assertThat(parse("--inline-execution-usecs=0").instances().inline()).isZero();
        assertThat(parse("--inline-execution-usecs=-1").instances().inline()).isZero();
    }

    @Test
    void readsHowMuchThereIsOfResourcesTheLesserOfTwo() {
        assertThat(
                        parse(
                                        "--rate-limit-resource=R1:4",
                                        "--rate-limit-resource=R2:5:1",
                                        "--rate-limit-resource=R1:3:1",
                                        "--rate-limit-resource=R1:6",
                                        "--rate-limit-resource=r1:2:-1")
                                .instances()
                                .resources())
                .containsExactly(
                        new ResourceLimit("R1", 4, OptionalInt.empty()),
                        new ResourceLimit("r1", 2, OptionalInt.empty()),
                        new ResourceLimit("R1", 3, OptionalInt.of(1)),
                        new ResourceLimit("R2", 5, OptionalInt.of(1)));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "--rate-limit=on | invalid argument for --rate-limit",
                "--rate-limit-resource=R1 | --rate-limit-resource option format is"
                        + " '<resource_name>:<count>:<device>' or '<resource_name>:<count>'. Got R1",
                "--rate-limit-resource=R1:1:2:3 | '<resource_name>:<count>'. Got R1:1:2:3",
                "--rate-limit-resource=R1:many | Invalid option value. Got many",
                "--host-policy=p,gpu=1 | Unsupported host policy setting 'gpu' is specified",
                "--model-load-gpu-limit=-1:0.5 | expects device ID >= 0, got -1",
                "--model-load-gpu-limit=0:1.5 | expects limit fraction to be in range [0.0, 1.0],"
                        + " got 1.500000",
                "--model-load-gpu-limit=0 | --model-load-gpu-limit option format is",
                "--min-supported-compute-capability=new | Invalid option value. Got new"
            })
    void refusesWhatItCannotRead(String flag, String message) {
        assertThatThrownBy(() -> parse(flag))
                .isInstanceOf(ParameterException.class)
                .hasMessageContaining(message);
    }

    @Test
    void showsTheOptionsAsTheReferenceDoes() {
        String table =
                StartupTables.options(
                                parse(
                                        "--rate-limit=execution_count",
                                        "--rate-limit-resource=R1:10",
                                        "--rate-limit-resource=R2:1:3",
                                        "--min-supported-compute-capability=7.5"),
                                StartupTables.metadata("triton"))
                        .toString();

        assertThat(table)
                .containsPattern("rate_limit +\\| EXEC_COUNT")
                .contains("| {\"name\":\"R1\", \"count\":10 \"device\":-1}")
                .containsPattern("rate_limit_resource\\[1] +\\| \\{\"name\":\"R2\"")
                .containsPattern("min_supported_compute_capability +\\| 7\\.5");
        assertThat(StartupTables.options(parse(), StartupTables.metadata("triton")).toString())
                .containsPattern("rate_limit +\\| OFF");
    }
}
