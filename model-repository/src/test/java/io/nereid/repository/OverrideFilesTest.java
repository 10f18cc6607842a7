package io.nereid.repository;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.nereid.protocol.StatusException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Files of a load request, on disk. */
class OverrideFilesTest {
    private static final byte[] CONTENT = {1};

    @Test
    void isDeletedWithItsLastHold() {
        HeldDirectory files =
                OverrideFiles.write(
                        Map.of("1/model.onnx", CONTENT, "1/./weights/../a", CONTENT, "l", CONTENT));
        Path directory = files.directory();
        assertThat(directory.resolve("1/a")).hasBinaryContent(CONTENT);
        HeldDirectory held = files.retain();

        files.close();
        assertThat(directory.resolve("1/model.onnx")).exists();
        held.close();

        assertThat(directory).doesNotExist();
    }

    @ParameterizedTest
    @ValueSource(strings = {"../x", "/etc/x", "1/../../x", "", ".", "a\u0000b"})
    void refusesPathsThatLeadElsewhere(String path) {
        assertThatExceptionOfType(StatusException.class)
                .isThrownBy(() -> OverrideFiles.write(Map.of(path, CONTENT)))
                .satisfies(e ->
                        assertThat(e.text())
                                .startsWith(
                                        "Invalid file parameter 'file:"
                                                + path
                                                + "' with normalized path '")
                                .endsWith("' must stay within model directory."));
    }

    @Test
    void refusesAFileWhereADirectoryIsNeededAndTheOtherWayRound() {
        Map<String, byte[]> files = new LinkedHashMap<>();
        files.put("a", CONTENT);
        files.put("a/b", CONTENT);
        assertRefused(files, "a/b");
        files.clear();
        files.put("a/b", CONTENT);
        files.put("a", CONTENT);
        assertRefused(files, "a");
    }

    private static void assertRefused(Map<String, byte[]> files, String path) {
        assertThatExceptionOfType(StatusException.class)
                .isThrownBy(() -> OverrideFiles.write(files))
                .withMessage(
                        "Invalid file parameter 'file:"
                                + path
                                + "', directory has been created as a file");
    }
}
