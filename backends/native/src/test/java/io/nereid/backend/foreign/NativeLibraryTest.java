package io.nereid.backend.foreign;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nereid.protocol.StatusException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class NativeLibraryTest {
    @TempDir private Path directory;

    @Test
    void saysWhichLibraryItMissesAndWhereItLooked() {
        assertThatThrownBy(() -> NativeLibrary.open("engine", directory, "libnone.so"))
                .isInstanceOf(StatusException.class)
                .hasMessage(
                        "native library of engine not found: expected libnone.so in directory "
                                + directory);
    }

    @Test
    void saysWhichFileIsNoLibrary() throws Exception {
        Path file = Files.writeString(directory.resolve("libtext.so"), "no library");
        assertThatThrownBy(() -> NativeLibrary.open("engine", directory, "libtext.so"))
                .isInstanceOf(StatusException.class)
                .hasMessageContaining("cannot be loaded: " + file);
    }
}
