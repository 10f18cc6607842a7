package io.nereid.server.netty;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SmallReplyTest {
    @Test
    void isHeadAndBodyInOneBuffer() {
        HttpReply reply = HttpReply.of(200, Map.of("Content-Type", "text/x"), bytes("body"));

        ByteBuf piece = SmallReply.of(reply, UnpooledByteBufAllocator.DEFAULT);

        assertThat(piece.toString(US_ASCII))
                .isEqualTo(
                        "HTTP/1.1 200 OK\r\nContent-Type: text/x\r\nContent-Length: 4\r\n\r\nbody");
        piece.release();
    }

    @Test
    void saysTheLengthOfAnEmptyBody() {
        HttpReply reply = HttpReply.of(200, Map.of("Content-Type", "text/x"), bytes(""));

        ByteBuf piece = SmallReply.of(reply, UnpooledByteBufAllocator.DEFAULT);

        assertThat(piece.toString(US_ASCII)).endsWith("\r\nContent-Length: 0\r\n\r\n");
        piece.release();
    }

    @Test
    void refusesHeadersThatWouldBeginAnother() {
        HttpReply reply = HttpReply.of(200, Map.of("Content-Type", "a\r\nB: c"), bytes("body"));

        assertThatThrownBy(() -> SmallReply.of(reply, UnpooledByteBufAllocator.DEFAULT))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("header Content-Type is more than one line");
        reply.discard();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(US_ASCII);
    }
}
