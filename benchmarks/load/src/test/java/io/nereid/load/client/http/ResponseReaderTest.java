package io.nereid.load.client.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ResponseReaderTest {
    private final ResponseReader reader = new ResponseReader();

    private static ByteBuf bytes(String text) {
        return Unpooled.copiedBuffer(text, StandardCharsets.ISO_8859_1);
    }

    private boolean read(String text) {
        return reader.read(bytes(text));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\nhello",
                "HTTP/1.1 200 OK\r\ncontent-length:0\r\n\r\n",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n0\r\nT: x\r\n\r\n",
                "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx"
            })
    void findsTheEndHoweverTheBytesArrive(String answer) {
        assertThat(read(answer)).isTrue();
        for (int i = 0; i < answer.length() - 1; i++) {
            assertThat(read(answer.substring(i, i + 1))).isFalse();
        }
        assertThat(read(answer.substring(answer.length() - 1))).isTrue();
        assertThat(reader.succeeded()).isTrue();
        assertThat(reader.closes()).isFalse();
    }

    @Test
    void leavesWhatFollowsAnAnswer() {
        ByteBuf two = bytes("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nxHTTP");

        assertThat(reader.read(two)).isTrue();
        assertThat(two.toString(StandardCharsets.ISO_8859_1)).isEqualTo("HTTP");
    }

    @Test
    void keepsTheWordsOfARefusal() {
        assertThat(
                        read(
                                "HTTP/1.1 400 Bad Request\r\nContent-Length: 25\r\n\r\n"
                                        + "{\"error\":\"no \\\"x\\\" here\"}"))
                .isTrue();
        assertThat(reader.succeeded()).isFalse();
        assertThat(reader.describe()).isEqualTo("status 400: no \"x\" here");
    }

    @Test
    void keepsTheBeginningOfALongRefusalOnly() {
        assertThat(
                        read(
                                "HTTP/1.1 502 Bad Gateway\r\nContent-Length: 100000\r\n\r\n"
                                        + "x".repeat(100_000)))
                .isTrue();
        assertThat(reader.describe()).hasSizeBetween(1_000, 3_000);
    }

    @Test
    void noticesThatTheServerWillClose() {
        assertThat(read("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length:" + " 0\r\n\r\n"))
                .isTrue();
        assertThat(reader.closes()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"SSH-2.0-OpenSSH_9.6\r\n", "HTTP/1.1 200 OK\r\nX: y\r\n\r\n"})
    void refusesWhatHasNoEnd(String answer) {
        assertThatThrownBy(() -> read(answer)).isInstanceOf(IllegalArgumentException.class);
    }
}
