package io.nereid.server.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import io.nereid.protocol.LeakCheckedAllocator;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.ModelInferResponse;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.ServerLiveRequest;
import io.nereid.protocol.proto.ModelConfigProto.DataType;
import io.nereid.server.AdmissionLimits;
import io.nereid.server.TestOptions;
import io.nereid.server.netty.RawClient;
import io.nereid.server.netty.RawHttp2Client;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Calls of {@code ModelInfer}, frame by frame. */
final class InferStreamTest {
    private static final String SERVICE = "/inference.GRPCInferenceService/";
    private static final int LIMIT = 4 << 20;
    private static final int END_STREAM_AND_HEADERS = 5;
    private static final int PADDED = 8;
    private static final int CANCEL = 8;

    @RegisterExtension final LeakCheckedAllocator allocator = new LeakCheckedAllocator();

    private RunningFrontend running;
    private RawClient client;
    private RawHttp2Client http2;

    @BeforeEach
    void start() throws IOException {
        running =
                new RunningFrontend(allocator, TestOptions.grpc(0), AdmissionLimits.ofBytes(LIMIT));
        running.addIdentity(GrpcModels.identity("identity", DataType.TYPE_UINT8));
        client = new RawClient(running.port);
        http2 = new RawHttp2Client(client);
    }

    @AfterEach
    void stop() throws Exception {
        client.close();
        running.stop();
    }

    private RawHttp2Client begin(int stream, String method) throws IOException {
        return http2.head(
                stream,
                false,
                "POST",
                SERVICE + method,
                "content-type",
                "application/grpc",
                "te",
                "trailers");
    }

    private static byte[] question(int byteSize) {
        return framed(GrpcModels.question("identity", ByteString.copyFrom(new byte[byteSize])));
    }

    private static byte[] framed(MessageLite message) {
        byte[] bytes = message.toByteArray();
        return ByteBuffer.allocate(5 + bytes.length).putInt(1, bytes.length).put(5, bytes).array();
    }

    private static String latin1(byte[] bytes) {
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }

    private Map<String, String> nextHeaders() throws Exception {
        return http2.headers(http2.next(RawHttp2Client.HEADERS));
    }

    /** The answer of one frame to a small question, and its end. */
    private void assertAnswered(int byteSize) throws Exception {
        assertThat(nextHeaders()).containsEntry(":status", "200");
        assertThat(answered(http2.next(RawHttp2Client.DATA).payload())).isEqualTo(byteSize);
        assertThat(nextHeaders()).isEqualTo(Map.of("grpc-status", "0"));
    }

    /** Bytes in the output of an answer that is there as a whole. */
    private static int answered(String data) throws InvalidProtocolBufferException {
        byte[] bytes = data.getBytes(StandardCharsets.ISO_8859_1);
        return ModelInferResponse.parseFrom(Arrays.copyOfRange(bytes, 5, bytes.length))
                .getRawOutputContents(0)
                .size();
    }

    private void assertRefused(String code, String text) throws Exception {
        RawHttp2Client.Frame frame = http2.next(RawHttp2Client.HEADERS);
        Map<String, String> headers = http2.headers(frame);
        assertThat(headers).containsEntry("grpc-status", code);
        assertThat(headers.get("grpc-message")).startsWith(text);
        assertThat(frame.flags()).isEqualTo(END_STREAM_AND_HEADERS);
    }

    private void awaitInFlight(long wanted) {
        long end = System.nanoTime() + Duration.ofSeconds(30).toNanos();
        while (running.admission.inFlightBytes() != wanted) {
            assertThat(System.nanoTime())
                    .as("time, with %s bytes", running.admission.inFlightBytes())
                    .isLessThan(end);
            LockSupport.parkNanos(Duration.ofMillis(1).toNanos());
        }
    }

    @Test
    void answersWithTheHeadersOfGrpcsOwnStreams() throws Exception {
        begin(1, "ServerLive")
                .data(1, true, latin1(framed(ServerLiveRequest.getDefaultInstance())));
        Map<String, String> headers = nextHeaders();
        Map<String, String> trailers = nextHeaders();

        begin(3, "ModelInfer").data(3, true, latin1(question(10)));

        assertThat(nextHeaders()).isEqualTo(headers);
        assertThat(nextHeaders()).isEqualTo(trailers);
    }

    @Test
    void takesAMessageInFramesOfAnySizeAlsoWithPaddingAndTrailers() throws Exception {
        byte[] question = question(100);
        begin(1, "ModelInfer");
        for (int i = 0; i < 50; i++) {
            http2.data(1, false, latin1(Arrays.copyOfRange(question, i, i + 1)));
        }
        byte[] rest = Arrays.copyOfRange(question, 50, question.length);
        http2.send(
                RawHttp2Client.DATA,
                PADDED,
                1,
                ByteBuffer.allocate(1 + rest.length + 7).put((byte) 7).put(rest).array());
        http2.send(
                RawHttp2Client.HEADERS,
                END_STREAM_AND_HEADERS,
                1,
                RawHttp2Client.block("checksum", "none"));

        assertAnswered(100);
    }

    @Test
    void servesManyStreamsOfOneConnectionWhoseFramesComeInTurn() throws Exception {
        byte[] question = question(1000);
        for (int stream = 1; stream < 40; stream += 2) {
            begin(stream, "ModelInfer").data(stream, false, latin1(question).substring(0, 500));
        }
        for (int stream = 1; stream < 40; stream += 2) {
            http2.data(stream, true, latin1(question).substring(500));
        }
        Map<Integer, String> answers = new HashMap<>();
        int ended = 0;
        while (ended < 20) {
            RawHttp2Client.Frame frame = http2.next();
            if (frame.type() == RawHttp2Client.DATA) {
                answers.merge(frame.stream(), frame.payload(), String::concat);
            } else if (http2.headers(frame).containsKey("grpc-status")) {
                ended++;
            }
        }
        assertThat(answers).hasSize(20);
        for (String answer : answers.values()) {
            assertThat(answered(answer)).isEqualTo(1000);
        }
    }

    @Test
    void countsAMessageFromItsFirstBytes() throws Exception {
        begin(1, "ModelInfer").data(1, false, "\0\0\u0010\0\0");
        awaitInFlight(1 << 20);

        client.close();

        awaitInFlight(0);
    }

    @Test
    void refusesAMessageThatNeverFitsAtItsFirstBytesAndNoOther() throws Exception {
        begin(1, "ModelInfer").data(1, false, "\0\u0010\0\0\0");

        assertRefused("3", "request body of 268435456 bytes exceeds the 4194304 bytes");
        assertThat(running.server.inFlight()).isZero();
        begin(3, "ModelInfer").data(3, true, latin1(question(10)));
        assertAnswered(10);
    }

    @Test
    void dropsWhatAClientSendsThatDoesNotKnowYetThatItIsRefused() throws Exception {
        begin(1, "ModelInfer").data(1, false, "\0\u0010\0\0\0");
        assertRefused("3", "request body of 268435456 bytes exceeds the 4194304 bytes");

        for (int i = 0; i < 8; i++) {
            http2.data(1, i == 7, "x".repeat(16_384));
        }
        begin(3, "ModelInfer").data(3, true, latin1(question(10)));

        RawHttp2Client.Frame next = http2.next();
        assertThat(next.type()).isEqualTo(RawHttp2Client.HEADERS);
        assertThat(next.stream()).isEqualTo(3);
    }

    @Test
    void refusesCompressedMessagesOfCallsWithoutAnEncoding() throws Exception {
        begin(1, "ModelInfer").data(1, true, "\1\0\0\0\1x");

        assertRefused("13", "the message is compressed, but the call has no grpc-encoding");
    }

    @Test
    void refusesACallWhoseMessageEndsTooEarly() throws Exception {
        begin(1, "ModelInfer").data(1, true, "\0\0\0\0dabc");

        assertRefused("13", "the call ended in the middle of its message");
        awaitInFlight(0);
    }

    private void assertReset() throws IOException {
        RawHttp2Client.Frame reset = http2.next(RawHttp2Client.RESET);
        assertThat((int) reset.payload().charAt(3)).isEqualTo(CANCEL);
        awaitInFlight(0);
        assertThat(running.server.inFlight()).isZero();
    }

    @Test
    void refusesACallWithoutAMessage() throws Exception {
        begin(1, "ModelInfer").data(1, true, "");

        assertRefused("13", "Half-closed without a request");
    }

    @Test
    void cancelsACallAtItsDeadline() throws Exception {
        http2.head(
                        1,
                        false,
                        "POST",
                        SERVICE + "ModelInfer",
                        "content-type",
                        "application/grpc",
                        "grpc-timeout",
                        "50m")
                .data(1, false, "\0\0\0\0dabc");

        assertReset();
    }

    @Test
    void keepsALargeAnswerUntilItsReaderComesOrLeaves() throws Exception {
        byte[] question = question(1 << 20);
        begin(1, "ModelInfer").data(1, false, latin1(Arrays.copyOf(question, 16_384)));
        for (int at = 16_384; at < question.length; at += 16_384) {
            int end = Math.min(at + 16_384, question.length);
            http2.data(1, end == question.length, latin1(Arrays.copyOfRange(question, at, end)));
        }
        assertThat(nextHeaders()).containsEntry(":status", "200");
        for (int read = 0; read < 65_535; ) {
            read += http2.next(RawHttp2Client.DATA).payload().length();
        }

        http2.send(RawHttp2Client.RESET, 0, 1, new byte[] {0, 0, 0, CANCEL});

        begin(3, "ModelInfer").data(3, true, latin1(question(10)));
        http2.send(RawHttp2Client.WINDOW_UPDATE, 0, 0, new byte[] {0, 1, 0, 0});
        assertAnswered(10);
        awaitInFlight(0);
    }

    @ParameterizedTest
    @CsvSource({
        "POST, text/plain, identity, 415",
        "PUT, application/grpc, identity, 405",
        "POST, application/grpc, none-such, 200",
    })
    void leavesWhatIsUnusualToGrpc(String method, String type, String encoding, String status)
            throws Exception {
        http2.head(
                1,
                false,
                method,
                SERVICE + "ModelInfer",
                "content-type",
                type,
                "grpc-encoding",
                encoding);

        assertThat(nextHeaders()).containsEntry(":status", status);
        begin(3, "ModelInfer").data(3, true, latin1(question(10)));
        assertAnswered(10);
    }
}
