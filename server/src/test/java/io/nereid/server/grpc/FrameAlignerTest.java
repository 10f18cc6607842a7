package io.nereid.server.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

class FrameAlignerTest {
    private static final byte[] PREFACE =
            "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
    private static final int DATA = 0;
    private static final int HEADERS = 1;
    private static final int END_STREAM = 1;
    private static final int PADDED = 8;

    /** A frame, its payload as Latin-1. */
    private record Frame(int type, int flags, int stream, String payload) {
        static Frame ofAnything(int type, int flags, int stream, int byteSize) {
            byte[] payload = new byte[byteSize];
            new Random(byteSize).nextBytes(payload);
            return new Frame(type, flags, stream, new String(payload, StandardCharsets.ISO_8859_1));
        }

        boolean isInPieces() {
            return type == DATA && (flags & PADDED) == 0;
        }

        void writeTo(ByteBuf bytes) {
            bytes.writeMedium(payload.length())
                    .writeByte(type)
                    .writeByte(flags)
                    .writeInt(stream)
                    .writeBytes(payload.getBytes(StandardCharsets.ISO_8859_1));
        }

        @Override
        public String toString() {
            return type
                    + "/"
                    + flags
                    + " of "
                    + stream
                    + ": "
                    + payload.length()
                    + " bytes, "
                    + payload.hashCode();
        }
    }

    /** What a decoder sees that, like Netty's, takes a head as soon as it is there. */
    private static final class Decoder {
        private final ByteBuf bytes = Unpooled.buffer();
        private boolean greeted;
        private Frame head = new Frame(-1, 0, 0, "");
        private int awaited = -1;
        private final List<Frame> frames = new ArrayList<>();
        private int joined;

        void read(ByteBuf next) {
            boolean hasBeginning = bytes.isReadable();
            if (hasBeginning && awaited >= 0 && head.isInPieces()) {
                joined++;
            }
            bytes.writeBytes(next);
            next.release();
            if (!greeted && bytes.readableBytes() >= PREFACE.length) {
                byte[] preface = new byte[PREFACE.length];
                bytes.readBytes(preface);
                assertThat(preface).isEqualTo(PREFACE);
                greeted = true;
            }
            while (greeted && takes()) {
                // Takes all that is whole.
            }
        }

        private boolean takes() {
            if (awaited < 0 && bytes.readableBytes() >= 9) {
                awaited = bytes.readMedium();
                head = new Frame(bytes.readByte(), bytes.readUnsignedByte(), bytes.readInt(), "");
            }
            if (awaited < 0 || bytes.readableBytes() < awaited) {
                return false;
            }
            String payload =
                    bytes.readCharSequence(awaited, StandardCharsets.ISO_8859_1).toString();
            frames.add(new Frame(head.type, head.flags, head.stream, payload));
            awaited = -1;
            return true;
        }
    }

    /** What a decoder sees of frames that come in pieces which end at these places. */
    private static Decoder decode(List<Frame> sent, Iterable<Integer> pieceEnds) {
        byte[] bytes = bytes(sent);
        EmbeddedChannel channel =
                new EmbeddedChannel(new FrameAligner(new ChannelInboundHandlerAdapter()));
        int start = 0;
        for (int end : pieceEnds) {
            channel.writeInbound(Unpooled.copiedBuffer(bytes, start, end - start));
            start = end;
        }
        channel.writeInbound(Unpooled.copiedBuffer(bytes, start, bytes.length - start));
        Decoder decoder = new Decoder();
        for (ByteBuf next = channel.readInbound(); next != null; next = channel.readInbound()) {
            decoder.read(next);
        }
        channel.finishAndReleaseAll();
        assertThat(decoder.bytes.isReadable()).isFalse();
        return decoder;
    }

    private static byte[] bytes(List<Frame> sent) {
        ByteBuf all = Unpooled.buffer().writeBytes(PREFACE);
        sent.forEach(frame -> frame.writeTo(all));
        return ByteBufUtil.getBytes(all);
    }

    @Test
    void makesAFrameOfEachPieceOfData() {
        Frame data = Frame.ofAnything(DATA, END_STREAM, 3, 100);

        Decoder decoder = decode(List.of(data), List.of(24 + 9 + 30, 24 + 9 + 80));

        assertThat(decoder.frames)
                .containsExactly(
                        new Frame(DATA, 0, 3, data.payload.substring(0, 30)),
                        new Frame(DATA, 0, 3, data.payload.substring(30, 80)),
                        new Frame(DATA, END_STREAM, 3, data.payload.substring(80, 100)));
    }

    @Test
    void makesNoFrameOfNothing() {
        Frame data = Frame.ofAnything(DATA, END_STREAM, 3, 100);

        assertThat(decode(List.of(data), List.of(24 + 9)).frames).containsExactly(data);
        assertThat(decode(List.of(data), List.of(24 + 4)).frames).containsExactly(data);
        assertThat(decode(List.of(data), List.of(24 + 9, 24 + 9)).frames).containsExactly(data);
    }

    @Test
    void keepsEmptyDataAndWhatIsNoPlainData() {
        Frame empty = Frame.ofAnything(DATA, END_STREAM, 5, 0);
        Frame headers = Frame.ofAnything(HEADERS, END_STREAM, 7, 50);
        Frame padded = Frame.ofAnything(DATA, PADDED, 9, 50);

        Decoder decoder =
                decode(
                        List.of(empty, headers, padded),
                        List.of(24 + 20, 24 + 40, 24 + 9 + 59 + 20));

        assertThat(decoder.frames).containsExactly(empty, headers, padded);
    }

    @RepeatedTest(300)
    void keepsEveryByteOfEveryStreamAndHasNoDataJoined(RepetitionInfo repetition) {
        Random random = new Random(repetition.getCurrentRepetition());
        List<Frame> sent = new ArrayList<>();
        int count = 1 + random.nextInt(20);
        for (int i = 0; i < count; i++) {
            int type = random.nextBoolean() ? DATA : random.nextInt(10);
            int flags = random.nextInt(4) == 0 ? PADDED | END_STREAM : random.nextInt(2);
            int size = random.nextInt(4) == 0 ? random.nextInt(3) : random.nextInt(70_000);
            sent.add(Frame.ofAnything(type, flags, 1 + 2 * random.nextInt(3), size));
        }
        int length = bytes(sent).length;
        TreeSet<Integer> pieceEnds = new TreeSet<>();
        int pieces = random.nextInt(60);
        for (int i = 0; i < pieces; i++) {
            int end = random.nextBoolean() ? random.nextInt(length) : random.nextInt(120);
            pieceEnds.add(Math.clamp(end, 1, length));
        }

        Decoder decoder = decode(sent, pieceEnds);

        assertThat(decoder.joined).isZero();
        assertThat(together(decoder.frames)).isEqualTo(together(sent));
    }

    /** Frames of DATA that follow each other in one stream, made one again. */
    private static List<Frame> together(List<Frame> frames) {
        List<Frame> all = new ArrayList<>();
        for (Frame frame : frames) {
            Frame before = all.isEmpty() ? frame : all.getLast();
            boolean goesOn =
                    !all.isEmpty()
                            && before.isInPieces()
                            && frame.isInPieces()
                            && before.stream == frame.stream
                            && (before.flags & END_STREAM) == 0;
            if (goesOn) {
                all.removeLast();
                all.add(new Frame(DATA, frame.flags, frame.stream, before.payload + frame.payload));
            } else {
                all.add(frame);
            }
        }
        return all;
    }
}
