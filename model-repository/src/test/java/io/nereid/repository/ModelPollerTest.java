package io.nereid.repository;

import static org.assertj.core.api.Assertions.assertThat;

import io.nereid.protocol.InvalidConfigException;
import io.nereid.protocol.StatusException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is put in front of a log line about a configuration. */
class ModelPollerTest {
    @TempDir Path directory;

    private String prefix(String text, StatusException failure) throws IOException {
        Path file = Files.writeString(directory.resolve("config.pbtxt"), text);
        return ModelConfigReader.read(file).prefixFor(failure).replace(directory + "/", "");
    }

    @Test
    void namesFileLineAndColumnOfTheField() throws IOException {
        assertThat(
                        prefix(
                                "name: 'm'\ninput [ { name: 'x' },\n  { name: 'y' dims: 0 } ]",
                                new InvalidConfigException("input[1].dims[0]", "no")))
                .isEqualTo("config.pbtxt:3:15: ");
    }

    @Test
    void namesTheFileWhereTheFieldIsNotWritten() throws IOException {
        assertThat(prefix("name: 'm'", new InvalidConfigException("platform", "no")))
                .isEqualTo("config.pbtxt: ");
        assertThat(prefix("name: 'm'", new InvalidConfigException("", "no")))
                .isEqualTo("config.pbtxt: ");
    }

    @Test
    void saysNothingWhereTheConfigurationIsNotAtFault() throws IOException {
        assertThat(prefix("name: 'm'", StatusException.invalidArgument("no"))).isEmpty();
        assertThat(ConfigSource.NONE.prefixFor(new InvalidConfigException("name", "no"))).isEmpty();
    }
}
