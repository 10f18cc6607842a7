package io.nereid.load.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class TargetTest {
    @ParameterizedTest
    @CsvSource({
        "localhost, localhost, 8000, ''",
        "localhost:9000, localhost, 9000, ''",
        "http://10.0.0.1:80/, 10.0.0.1, 80, ''",
        "grpc://host:8001, host, 8001, ''",
        "http://host/triton/a/, host, 8000, /triton/a",
        "[::1]:8000, [::1], 8000, ''"
    })
    void readsAddresses(String url, String host, int port, String path) {
        assertThat(Target.parse(url, 8000)).isEqualTo(new Target(host, port, path));
    }

    @ParameterizedTest
    @ValueSource(strings = {"ftp://host", "https://host", "host:port", "http://", "a b"})
    void refusesOthers(String url) {
        assertThatThrownBy(() -> Target.parse(url, 8000)).hasMessageContaining("host:port");
    }
}
