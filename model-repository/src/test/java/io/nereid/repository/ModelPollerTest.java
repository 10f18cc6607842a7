package io.nereid.repository;

import static org.assertj.core.api.Assertions.assertThat;

import io.nereid.protocol.Advice;
import io.nereid.protocol.InvalidConfigException;
import io.nereid.protocol.StatusException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a log line about a configuration adds to the reference's text. */
class ModelPollerTest {
    @TempDir Path directory;

    private String hint(String text, StatusException failure) throws IOException {
        Path file = Files.writeString(directory.resolve("config.pbtxt"), text);
        return ModelConfigReader.read(file).hint(failure).replace(directory + "/", "");
    }

    @Test
    void namesFileLineAndColumnOfTheField() throws IOException {
        assertThat(
                        hint(
                                "name: 'm'\ninput [ { name: 'x' },\n  { name: 'y' dims: 0 } ]",
                                new InvalidConfigException("input[1].dims[0]", "no")))
                .isEqualTo(" [config.pbtxt:3:15; input[1].dims[0]]");
    }

    @Test
    void namesTheFileWhereTheFieldIsNotWritten() throws IOException {
        assertThat(hint("name: 'm'", new InvalidConfigException("platform", "no")))
                .isEqualTo(" [config.pbtxt; platform]");
        assertThat(hint("name: 'm'", new InvalidConfigException("", "no")))
                .isEqualTo(" [config.pbtxt]");
    }

    @Test
    void saysWhatToDo() throws IOException {
        assertThat(
                        hint(
                                "max_batch_size: -1",
                                new InvalidConfigException(
                                        "max_batch_size",
                                        "no",
                                        new Advice("0 or more", "-1", "write 0"))))
                .isEqualTo(
                        " [config.pbtxt:1:1; max_batch_size; expected 0 or more; found -1; fix:"
                                + " write 0]");
    }

    @Test
    void saysNothingWhereTheConfigurationIsNotAtFault() throws IOException {
        assertThat(hint("name: 'm'", StatusException.invalidArgument("no"))).isEmpty();
        assertThat(ConfigSource.NONE.hint(new InvalidConfigException("", "no"))).isEmpty();
    }
}
