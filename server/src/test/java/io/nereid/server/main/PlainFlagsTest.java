package io.nereid.server.main;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

/** Whatever {@link PlainFlags} reads is what picocli would have read. */
final class PlainFlagsTest {
    private static final Map<Class<?>, String> VALUES =
            Map.of(
                    OptionValues.Bool.class, "on",
                    OptionValues.Int.class, "7",
                    OptionValues.Long64.class, "7000000000",
                    OptionValues.Decimal.class, "2.5",
                    OptionValues.Verbosity.class, "true",
                    OptionValues.ByteSize.class, "2G",
                    OptionValues.Range.class, "10-20");

    private static CommandLine picocli(ServeCommand command) {
        return new CommandLine(command)
                .setAbbreviatedOptionsAllowed(true)
                .setOverwrittenOptionsAllowed(true);
    }

    private static ServeCommand readByPicocli(List<String> arguments) {
        ServeCommand command = new ServeCommand();
        picocli(command).parseArgs(arguments.toArray(String[]::new));
        return command;
    }

    private static void assertReadAsByPicocli(List<String> arguments) {
        ServeCommand plain = new ServeCommand();

        assertThat(PlainFlags.read(plain, arguments)).as("%s", arguments).isTrue();

        assertThat(plain)
                .as("%s", arguments)
                .usingRecursiveComparison()
                .ignoringFields("spec")
                .isEqualTo(readByPicocli(arguments));
    }

    private static boolean takesAValue(OptionSpec option) {
        return !option.usageHelp()
                && (option.converters().length == 1 || option.auxiliaryTypes()[0] != boolean.class);
    }

    private static String value(OptionSpec option) {
        return Stream.of(option.converters())
                .findFirst()
                .map(converter -> VALUES.get(converter.getClass()))
                .orElse("some,text=of any:kind");
    }

    static Stream<String> names() {
        return picocli(new ServeCommand()).getCommandSpec().options().stream()
                .filter(PlainFlagsTest::takesAValue)
                .flatMap(option -> Stream.of(option.names()).map(n -> n + "=" + value(option)));
    }

    @ParameterizedTest
    @MethodSource("names")
    void readsEachFlagAsPicocliDoes(String argument) {
        assertReadAsByPicocli(List.of(argument));
    }

    @Test
    void readsValuesThatFollowTheirFlags() {
        assertReadAsByPicocli(
                List.of("--model-repository", "/a", "--http-port", "1", "--model-store", "/b"));
    }

    @Test
    void takesTheLastOfSeveralValues() {
        assertReadAsByPicocli(List.of("--http-port=1", "--http-port", "2", "--http-port=3"));
    }

    @ParameterizedTest
    @CsvSource({
        "--http-por=1",
        "--no-such-flag=1",
        "--http-port=x",
        "--http-port=",
        "--http-port",
        "--http-port -1",
        "--http-port @file",
        "@file",
        "/models",
        "--",
        "--help",
        "-h",
        "--disable-auto-complete-config",
        "--disable-auto-complete-config=true",
        "--allow-http false",
        "--allow-http",
        "--model-cache-size=0"
    })
    void leavesTheRestToPicocli(String arguments) {
        assertThat(PlainFlags.read(new ServeCommand(), List.of(arguments.split(" ")))).isFalse();
    }

    @Test
    void leavesRulesToTheCommand() {
        ServeCommand command = new ServeCommand();

        assertThat(PlainFlags.read(command, List.of("--http-max-input-size=0"))).isTrue();

        assertThatThrownBy(() -> command.options(Map.of(), Path.of("/home")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("--http-max-input-size must be greater than 0");
    }
}
