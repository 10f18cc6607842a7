package io.nereid.server.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ReplyRoomTest {
    private final ReplyRoom room = new ReplyRoom(100, 40);
    private final ReplyRoom.Share stream = room.share();

    @Test
    void boundsWhatOneStreamHolds() {
        assertThat(stream.take(20)).isTrue();
        assertThat(stream.isHalfFull()).isFalse();
        assertThat(stream.take(20)).isTrue();
        assertThat(stream.isHalfFull()).isTrue();

        assertThat(stream.take(1)).isFalse();

        assertThat(room.heldBytes()).isEqualTo(40);
        stream.give(20);
        assertThat(stream.take(20)).isTrue();
    }

    @Test
    void boundsWhatAllStreamsHold() {
        ReplyRoom.Share another = room.share();
        ReplyRoom.Share third = room.share();
        assertThat(stream.take(40)).isTrue();
        assertThat(another.take(40)).isTrue();
        assertThat(third.take(15)).isTrue();

        assertThat(third.take(6)).isFalse();

        another.give(40);
        assertThat(third.take(6)).isTrue();
        assertThat(room.heldBytes()).isEqualTo(61);
    }

    @Test
    void hasRoomForOneReplyOfAnySize() {
        assertThat(stream.take(1000)).isTrue();
        assertThat(stream.take(1)).isFalse();
        assertThat(room.share().take(10)).isTrue();
        stream.give(1000);
        assertThat(stream.take(30)).isTrue();
    }
}
