package io.nereid.load;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

final class BenchCommandTest {
    private static String refusal(String flags) {
        BenchCommand command = new BenchCommand();
        CommandLine line = new CommandLine(command);
        line.setCaseInsensitiveEnumValuesAllowed(true);
        line.parseArgs(flags.split(" "));
        StringWriter err = new StringWriter();
        int status = command.run(new PrintWriter(new StringWriter()), new PrintWriter(err), false);
        assertThat(status).isEqualTo(BenchCommand.TROUBLE);
        return err.toString();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "-u localhost:1                             | model's name is missing",
                "localhost:1                                | model's name is missing",
                "-m a localhost:1 b                         | named twice",
                "-u localhost:1 localhost:2 m               | address is given twice",
                "ftp://host m                               | cannot use 'ftp://host'",
                "localhost:1 m --streaming                  | add -i grpc",
                "m --service-kind tfserving                 | only triton is",
                "m -H nonsense                              | -H takes name:value",
                "m --concurrency-range 0                    | start above 0",
                "m --concurrency-range 1.5                  | whole numbers",
                "m --concurrency-range 1:0                  | needs a --latency-threshold",
                "m --concurrency-range 1 --request-rate-range 2 | exclude one another"
            })
    void saysWhatIsWrongBeforeItAsksAnybody(String flags, String message) {
        assertThat(refusal(flags)).startsWith("error: ").contains(message);
    }

    @ParameterizedTest
    @CsvSource({
        "localhost:1 m, localhost:1 over HTTP",
        "-u 127.0.0.1:1 m, 127.0.0.1:1 over HTTP",
        "-m m http://127.0.0.1:1, 127.0.0.1:1 over HTTP",
        "grpc://127.0.0.1:1 m, 127.0.0.1:1 over gRPC",
        "-i GRPC -u 127.0.0.1:1 -m m, 127.0.0.1:1 over gRPC"
    })
    void takesAddressAndModelInEveryForm(String flags, String asked) {
        assertThat(refusal(flags)).contains("cannot reach " + asked);
    }

    @Test
    void explainsEveryOption() {
        String usage = new CommandLine(new BenchCommand()).getUsageMessage();

        assertThat(usage)
                .contains("--concurrency-range", "--request-rate-range", "--shared-memory")
                .contains("Exit status");
    }
}
