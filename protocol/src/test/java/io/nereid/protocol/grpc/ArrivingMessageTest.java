package io.nereid.protocol.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.google.protobuf.ByteString;
import io.nereid.protocol.CopyMeter;
import io.nereid.protocol.LeakCheckedAllocator;
import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.TensorBuffer;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.ModelInferRequest;
import java.io.ByteArrayOutputStream;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ArrivingMessageTest {
    @RegisterExtension final LeakCheckedAllocator allocator = new LeakCheckedAllocator();

    private static ModelInferRequest question(String model, int size) {
        byte[] bytes = new byte[size];
        new Random(size).nextBytes(bytes);
        return ModelInferRequest.newBuilder()
                .setModelName(model)
                .addRawInputContents(ByteString.copyFrom(bytes))
                .build();
    }

    private static byte[] framed(ModelInferRequest... messages) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (ModelInferRequest message : messages) {
            byte[] bytes = message.toByteArray();
            all.writeBytes(ByteBuffer.allocate(5).putInt(1, bytes.length).array());
            all.writeBytes(bytes);
        }
        return all.toByteArray();
    }

    private static byte[] prefix(int flags, int length) {
        return ByteBuffer.allocate(5).put((byte) flags).putInt(length).array();
    }

    private static byte[] bytes(ModelInferMessage message) {
        try (TensorBuffer raw = message.rawContents(0)) {
            return raw.segment().toArray(ValueLayout.JAVA_BYTE);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 7, 1000, 100_000})
    void putsMessagesTogetherFromPiecesOfAnySize(int piece) {
        ModelInferRequest first = question("first", 2000);
        ModelInferRequest second = question("second", 0);
        byte[] sent = framed(first, second, first);
        List<String> names = new ArrayList<>();

        try (ArrivingMessage arriving = new ArrivingMessage(allocator)) {
            for (int at = 0; at < sent.length; at += piece) {
                ByteBuffer bytes = ByteBuffer.wrap(sent, at, Math.min(piece, sent.length - at));
                while (bytes.hasRemaining()) {
                    if (arriving.take(bytes)) {
                        try (ModelInferMessage message = (ModelInferMessage) arriving.whole()) {
                            ModelInferRequest expected = names.size() == 1 ? second : first;
                            names.add(message.header().getModelName());
                            assertThat(bytes(message))
                                    .isEqualTo(expected.getRawInputContents(0).toByteArray());
                        }
                        assertThat(arriving.isBegun()).isFalse();
                    }
                }
            }
        }

        assertThat(names).containsExactly("first", "second", "first");
        assertThat(allocator.copies().copies(CopyMeter.Site.RECEIVE)).isEqualTo(3);
    }

    @Test
    void isWholeWithItsPrefixIfItIsEmpty() {
        try (ArrivingMessage arriving = new ArrivingMessage(allocator)) {
            assertThat(arriving.take(ByteBuffer.wrap(prefix(0, 0)))).isTrue();
            try (ModelInferMessage message = (ModelInferMessage) arriving.whole()) {
                assertThat(message.header()).isEqualTo(ModelInferRequest.getDefaultInstance());
            }
        }
    }

    @Test
    void givesBackWhatIsThereOfAMessage() {
        try (ArrivingMessage arriving = new ArrivingMessage(allocator)) {
            assertThat(arriving.take(ByteBuffer.wrap(prefix(0, 1000)))).isFalse();
            assertThat(arriving.isBegun()).isTrue();
            assertThat(arriving.byteSize()).isEqualTo(1000);
        }
    }

    @Test
    void refusesBytesThatAreNoMessage() {
        try (ArrivingMessage arriving = new ArrivingMessage(allocator)) {
            ByteBuffer bytes = ByteBuffer.allocate(6).putInt(1, 1).put(5, (byte) 7);
            assertThat(arriving.take(bytes.clear())).isTrue();

            Received.Refused refused = (Received.Refused) arriving.whole();

            assertThat(refused.status().code()).isEqualTo(StatusCode.INVALID_ARG);
            assertThat(refused.status().text()).startsWith("failed to parse ModelInferRequest");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "1, 10, INTERNAL, 'the message is compressed, but the call has no grpc-encoding'",
        "2, 10, INTERNAL, 'expected 0 or 1 in the first byte of a message, found 2'",
        "255, 10, INTERNAL, 'expected 0 or 1 in the first byte of a message, found 255'",
        "0, -1, RESOURCE_EXHAUSTED, 'message of 4294967295 bytes exceeds gRPC''s byte size limit"
                + " 2147483647'",
    })
    void refusesPrefixesOfNoPlainMessage(int flags, int length, StatusCode code, String text) {
        try (ArrivingMessage arriving = new ArrivingMessage(allocator)) {
            assertThatExceptionOfType(StatusException.class)
                    .isThrownBy(() -> arriving.take(ByteBuffer.wrap(prefix(flags, length))))
                    .satisfies(refused -> {
                        assertThat(refused.code()).isEqualTo(code);
                        assertThat(refused.text()).isEqualTo(text);
                    });
        }
    }
}
