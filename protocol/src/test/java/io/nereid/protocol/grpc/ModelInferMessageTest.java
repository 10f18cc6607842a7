package io.nereid.protocol.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnknownFieldSet;
import io.nereid.protocol.LeakCheckedAllocator;
import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.TensorBuffer;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.InferParameter;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.InferTensorContents;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.ModelInferRequest;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.ModelInferRequest.InferInputTensor;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.ModelInferRequest.InferRequestedOutputTensor;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ModelInferMessageTest {
    @RegisterExtension final LeakCheckedAllocator allocator = new LeakCheckedAllocator();

    private static final ModelInferRequest REQUEST =
            ModelInferRequest.newBuilder()
                    .setModelName("m\u00f6del")
                    .setModelVersion("1")
                    .setId("id-1")
                    .putParameters("p", InferParameter.newBuilder().setInt64Param(-5).build())
                    .addInputs(
                            InferInputTensor.newBuilder()
                                    .setName("A")
                                    .setDatatype("FP32")
                                    .addShape(1)
                                    .addShape(2))
                    .addInputs(
                            InferInputTensor.newBuilder()
                                    .setName("B")
                                    .setDatatype("INT32")
                                    .addShape(2)
                                    .setContents(
                                            InferTensorContents.newBuilder()
                                                    .addIntContents(1)
                                                    .addIntContents(-1)))
                    .addOutputs(InferRequestedOutputTensor.newBuilder().setName("O"))
                    .addRawInputContents(ByteString.copyFromUtf8("12345678"))
                    .addRawInputContents(ByteString.EMPTY)
                    .addRawInputContents(ByteString.copyFrom(new byte[300]))
                    .build();

    @Test
    void keepsHeaderAndRawContentsApart() {
        try (ModelInferMessage message = ModelInferMessage.parse(block(REQUEST.toByteArray()))) {
            assertThat(message.header())
                    .isEqualTo(REQUEST.toBuilder().clearRawInputContents().build());
            assertThat(message.rawContentsCount()).isEqualTo(3);
            assertThat(joined(message)).isEqualTo(REQUEST);
        }
    }

    @Test
    void rawContentsAreSlicesThatOutliveTheMessage() {
        TensorBuffer block = block(REQUEST.toByteArray());
        long start = block.segment().address();
        long end = start + block.byteSize();
        ModelInferMessage message = ModelInferMessage.parse(block);
        TensorBuffer raw = message.rawContents(0);

        message.close();

        assertThat(raw.segment().address()).isBetween(start, end);
        assertThat(raw.segment().toArray(ValueLayout.JAVA_BYTE))
                .isEqualTo("12345678".getBytes(StandardCharsets.US_ASCII));
        assertThat(allocator.openBlocks()).isEqualTo(1);
        raw.close();
    }

    @Test
    void takesFieldsInAnyOrder() throws InvalidProtocolBufferException {
        ByteString mixed = ByteString.EMPTY;
        for (int i = 0; i < REQUEST.getRawInputContentsCount(); i++) {
            mixed =
                    mixed.concat(
                                    ModelInferRequest.newBuilder()
                                            .addRawInputContents(REQUEST.getRawInputContents(i))
                                            .build()
                                            .toByteString())
                            .concat(
                                    ModelInferRequest.newBuilder()
                                            .addInputs(
                                                    InferInputTensor.newBuilder().setName("I" + i))
                                            .setId("i" + i)
                                            .build()
                                            .toByteString());
        }
        try (ModelInferMessage message = ModelInferMessage.parse(block(mixed.toByteArray()))) {
            assertThat(joined(message)).isEqualTo(ModelInferRequest.parseFrom(mixed));
            assertThat(message.header().getId()).isEqualTo("i2");
            assertThat(message.header().getInputsCount()).isEqualTo(3);
        }
    }

    @Test
    void passesOverUnknownFieldsOfEveryKind() {
        UnknownFieldSet.Field value =
                UnknownFieldSet.Field.newBuilder()
                        .addVarint(-1)
                        .addFixed32(7)
                        .addFixed64(8)
                        .addLengthDelimited(ByteString.copyFromUtf8("text"))
                        .addGroup(
                                UnknownFieldSet.newBuilder()
                                        .addField(
                                                7,
                                                UnknownFieldSet.Field.newBuilder()
                                                        .addLengthDelimited(
                                                                ByteString.copyFromUtf8("no raw"))
                                                        .addGroup(
                                                                UnknownFieldSet.newBuilder()
                                                                        .build())
                                                        .build())
                                        .build())
                        .build();
        ModelInferRequest request =
                REQUEST.toBuilder()
                        .setUnknownFields(
                                UnknownFieldSet.newBuilder()
                                        .addField(99, value)
                                        .addField(100_000, value)
                                        .addField((1 << 29) - 1, value)
                                        .build())
                        .build();

        try (ModelInferMessage message = ModelInferMessage.parse(block(request.toByteArray()))) {
            assertThat(joined(message)).isEqualTo(request);
        }
    }

    @Test
    void passesOverRawContentsOfAnotherKind() {
        try (ModelInferMessage message = ModelInferMessage.parse(block(7 << 3, 5))) {
            assertThat(message.rawContentsCount()).isZero();
        }
    }

    @Test
    void takesAnEmptyMessage() {
        try (ModelInferMessage message = ModelInferMessage.parse(block())) {
            assertThat(message.header()).isEqualTo(ModelInferRequest.getDefaultInstance());
            assertThat(message.rawContentsCount()).isZero();
        }
    }

    @Test
    void refusesToBeClosedTwice() {
        ModelInferMessage message = ModelInferMessage.parse(block());
        message.close();

        assertThatIllegalStateException().isThrownBy(message::close);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "00", // field number 0
                "3a", // raw contents without length
                "3a05", // raw contents without bytes
                "3affffffff0f", // length of 2^32 - 1
                "3affffffffffffffffff01", // length of -1
                "0a0561", // text cut off
                "0a02c328", // text that is no UTF-8
                "9b06", // group that does not end
                "9c06", // group that does not begin
                "9b06a406", // group that ends with another number
                "0f", // wire type 7
                "08", // varint cut off
                "ffffffffffffffffffffff", // tag without end
                "fd060102", // 4 bytes cut off
                "fdffffffffffff0f" // tag above 32 bits
            })
    void refusesMalformedBytes(String hex) {
        TensorBuffer block = block(HexFormat.of().parseHex(hex));

        assertThatExceptionOfType(StatusException.class)
                .isThrownBy(() -> ModelInferMessage.parse(block))
                .withMessageStartingWith("failed to parse ModelInferRequest: ")
                .extracting(StatusException::code)
                .isEqualTo(StatusCode.INVALID_ARG);
        assertThat(allocator.openBlocks()).isZero();
    }

    @Test
    void refusesGroupsThatAreNestedTooDeeply() {
        byte[] groups = new byte[400];
        for (int i = 0; i < groups.length; i++) {
            groups[i] = (byte) (15 << 3 | (i < groups.length / 2 ? 3 : 4));
        }

        assertThatExceptionOfType(StatusException.class)
                .isThrownBy(() -> ModelInferMessage.parse(block(groups)));
    }

    @Test
    void neverLeaksAndNeverDisagreesWithTheGeneratedParserOnCutOffMessages() {
        byte[] whole = REQUEST.toByteArray();
        int accepted = 0;
        for (int length = 0; length < whole.length; length++) {
            accepted += compare(Arrays.copyOf(whole, length)) ? 1 : 0;
        }
        assertThat(accepted).isBetween(5, 20);
    }

    @Test
    void neverLeaksAndNeverDisagreesWithTheGeneratedParserOnDamagedMessages() {
        Random random = new Random(20260101);
        byte[] whole = REQUEST.toByteArray();
        int accepted = 0;
        for (int round = 0; round < 5_000; round++) {
            byte[] damaged = whole.clone();
            int faults = 1 + random.nextInt(4);
            for (int i = 0; i < faults; i++) {
                damaged[random.nextInt(damaged.length - 280)] = (byte) random.nextInt();
            }
            accepted += compare(damaged) ? 1 : 0;
        }
        assertThat(accepted).isBetween(250, 4_750);
    }

    @Test
    void neverLeaksOnNoise() {
        Random random = new Random(7);
        for (int round = 0; round < 5_000; round++) {
            byte[] noise = new byte[random.nextInt(40)];
            random.nextBytes(noise);
            compare(noise);
        }
        assertThat(allocator.openBlocks()).isZero();
    }

    /** Whether the bytes were accepted; then the generated parser must read the same from them. */
    private boolean compare(byte[] bytes) {
        try (ModelInferMessage message = ModelInferMessage.parse(block(bytes))) {
            assertThat(joined(message)).isEqualTo(generated(bytes));
            return true;
        } catch (StatusException e) {
            assertThat(e.code()).isEqualTo(StatusCode.INVALID_ARG);
            return false;
        } finally {
            assertThat(allocator.openBlocks()).isZero();
        }
    }

    private static ModelInferRequest generated(byte[] bytes) {
        try {
            return ModelInferRequest.parseFrom(bytes);
        } catch (InvalidProtocolBufferException e) {
            throw new AssertionError("accepted " + Arrays.toString(bytes), e);
        }
    }

    private static ModelInferRequest joined(ModelInferMessage message) {
        ModelInferRequest.Builder joined = message.header().toBuilder();
        for (int i = 0; i < message.rawContentsCount(); i++) {
            TensorBuffer raw = message.rawContents(i);
            joined.addRawInputContents(
                    ByteString.copyFrom(raw.segment().toArray(ValueLayout.JAVA_BYTE)));
            raw.close();
        }
        return joined.build();
    }

    private TensorBuffer block(int... bytes) {
        byte[] block = new byte[bytes.length];
        for (int i = 0; i < bytes.length; i++) {
            block[i] = (byte) bytes[i];
        }
        return block(block);
    }

    private TensorBuffer block(byte[] bytes) {
        return allocator.bytes(bytes);
    }
}
