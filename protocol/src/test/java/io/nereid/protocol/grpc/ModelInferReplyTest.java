package io.nereid.protocol.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import com.google.protobuf.ByteString;
import io.nereid.protocol.DataType;
import io.nereid.protocol.FakeSharedMemory;
import io.nereid.protocol.InferenceResponse;
import io.nereid.protocol.LeakCheckedAllocator;
import io.nereid.protocol.Parameter;
import io.nereid.protocol.Shape;
import io.nereid.protocol.SharedOutputs;
import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.Tensor;
import io.nereid.protocol.TensorBuffer;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.InferParameter;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.ModelInferResponse;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.ModelInferResponse.InferOutputTensor;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class ModelInferReplyTest {
    @RegisterExtension final LeakCheckedAllocator allocator = new LeakCheckedAllocator();

    @RegisterExtension final FakeSharedMemory memory = new FakeSharedMemory();

    @Test
    void holdsEveryOutputsBytesInOrderAlsoEmptyOnes() throws IOException {
        ModelInferReply reply =
                ModelInferReply.of(
                        response(
                                Map.of(),
                                List.of(
                                        allocator.int32("B", Shape.of(1, 2), 1, -1),
                                        allocator.fp32("E", Shape.of(0, 4)),
                                        allocator.texts("A", Shape.of(1), "x"))));

        assertThat(parsed(reply))
                .isEqualTo(
                        ModelInferResponse.newBuilder()
                                .setModelName("m")
                                .setModelVersion("12")
                                .setId("i")
                                .addOutputs(output("B", "INT32").addShape(1).addShape(2))
                                .addOutputs(output("E", "FP32").addShape(0).addShape(4))
                                .addOutputs(output("A", "BYTES").addShape(1))
                                .addRawOutputContents(bytes(1, 0, 0, 0, -1, -1, -1, -1))
                                .addRawOutputContents(ByteString.EMPTY)
                                .addRawOutputContents(bytes(1, 0, 0, 0, 'x'))
                                .build());
        reply.close();
    }

    @Test
    void hasEmptyEntriesForOutputsInSharedMemory() throws IOException {
        memory.region("r", 0, 0, 0, 0, 0, 0, 0, 0, 0);
        try (SharedOutputs shared = SharedOutputs.open()) {
            shared.add("A", memory.open("r", 1, 8));
            try (ModelInferReply reply =
                    ModelInferReply.of(
                            response(
                                    Map.of(),
                                    List.of(
                                            allocator.int32("A", Shape.of(2), 1, -1),
                                            allocator.texts("B", Shape.of(1), "x"))),
                            shared)) {
                assertThat(parsed(reply).getRawOutputContentsList())
                        .containsExactly(ByteString.EMPTY, bytes(1, 0, 0, 0, 'x'));
                assertThat(parsed(reply).getOutputs(0))
                        .isEqualTo(output("A", "INT32").addShape(2).build());
            }
        }
        assertThat(memory.bytes("r")).containsExactly(0, 1, 0, 0, 0, -1, -1, -1, -1);
    }

    @Test
    void closesOutputsThatDoNotFitIntoSharedMemory() {
        memory.region("r", 0, 0, 0);
        try (SharedOutputs shared = SharedOutputs.open()) {
            shared.add("A", memory.open("r", 0, 3));

            assertThatExceptionOfType(StatusException.class)
                    .isThrownBy(() ->
                            ModelInferReply.of(
                                    response(
                                            Map.of(),
                                            List.of(allocator.int32("A", Shape.of(1), 1))),
                                    shared))
                    .withMessage(
                            "shared memory size specified with the request for output 'A' (3"
                                    + " bytes) should be at least 4 bytes to hold the results");
        }
    }

    @Test
    void carriesParametersOfEveryKind() throws IOException {
        ModelInferReply reply =
                ModelInferReply.of(
                        response(
                                Map.of(
                                        "b", new Parameter.BoolValue(false),
                                        "i", new Parameter.Int64Value(-3),
                                        "u", new Parameter.UInt64Value(-1),
                                        "d", new Parameter.DoubleValue(0.5),
                                        "s", new Parameter.StringValue("t")),
                                List.of()));

        assertThat(parsed(reply).getParametersMap())
                .containsOnly(
                        Map.entry("b", InferParameter.newBuilder().setBoolParam(false).build()),
                        Map.entry("i", InferParameter.newBuilder().setInt64Param(-3).build()),
                        Map.entry("u", InferParameter.newBuilder().setUint64Param(-1).build()),
                        Map.entry("d", InferParameter.newBuilder().setDoubleParam(0.5).build()),
                        Map.entry("s", InferParameter.newBuilder().setStringParam("t").build()));
        reply.close();
    }

    @Test
    void passesLargeOutputsOnInChunks() throws IOException {
        TensorBuffer large = allocator.allocate(200_003);
        large.segment().fill((byte) 7);
        ModelInferReply reply =
                ModelInferReply.of(
                        response(
                                Map.of(),
                                List.of(
                                        new Tensor(
                                                "L", DataType.UINT8, Shape.of(200_003), large))));
        LargestWrite target = new LargestWrite();

        int drained = new ReplyStream(reply.byteSize(), reply::writeTo).drainTo(target);

        assertThat(drained).isEqualTo(reply.byteSize());
        assertThat(target.largest).isEqualTo(64 * 1024);
        assertThat(ModelInferResponse.parseFrom(target.bytes.toByteArray()).getRawOutputContents(0))
                .hasSize(200_003)
                .containsOnly((byte) 7);
        reply.close();
    }

    @Test
    void canBeReadAndDrainedPiecewise() throws IOException {
        ModelInferReply reply =
                ModelInferReply.of(
                        response(Map.of(), List.of(allocator.int32("B", Shape.of(1), 5))));
        ReplyStream stream = new ReplyStream(reply.byteSize(), reply::writeTo);
        ByteArrayOutputStream rest = new ByteArrayOutputStream();
        int size = reply.byteSize();

        assertThat(stream.available()).isEqualTo(size);
        rest.write(stream.read());
        rest.write(stream.readNBytes(4));
        assertThat(stream.available()).isEqualTo(size - 5);
        assertThat(stream.drainTo(rest)).isEqualTo(size - 5);

        assertThat(rest.toByteArray()).isEqualTo(parsed(reply).toByteArray());
        assertThat(stream.available()).isZero();
        assertThat(stream.read()).isEqualTo(-1);
        assertThat(stream.drainTo(rest)).isZero();
        reply.close();
    }

    @Test
    void closesTheOutputsOnce() {
        ModelInferReply reply =
                ModelInferReply.of(
                        response(Map.of(), List.of(allocator.int32("B", Shape.of(1), 5))));

        reply.close();

        assertThat(allocator.openBlocks()).isZero();
        assertThatIllegalStateException().isThrownBy(reply::close);
    }

    @Test
    void refusesMoreThanGrpcCarriesAndClosesTheOutputs() {
        TensorBuffer small = allocator.allocate(1);
        List<Tensor> outputs =
                List.of(
                        new Tensor("L", DataType.UINT8, Shape.of(1L << 31), huge(1L << 31)),
                        new Tensor("S", DataType.UINT8, Shape.of(1), small));

        assertThatExceptionOfType(StatusException.class)
                .isThrownBy(() -> ModelInferReply.of(response(Map.of(), outputs)))
                .withMessageMatching(
                        "Response has byte size 2147483\\d{3} which exceeds gRPC's byte size limit"
                                + " 2147483647\\.")
                .extracting(StatusException::code)
                .isEqualTo(StatusCode.INVALID_ARG);
        assertThat(allocator.openBlocks()).isZero();
    }

    /** A buffer that is never read. */
    @SuppressWarnings("restricted")
    private static TensorBuffer huge(long byteSize) {
        return TensorBuffer.wrap(MemorySegment.NULL.reinterpret(byteSize), () -> {});
    }

    private static InferenceResponse response(
            Map<String, Parameter> parameters, List<Tensor> outputs) {
        return new InferenceResponse("i", "m", 12, parameters, outputs);
    }

    private static InferOutputTensor.Builder output(String name, String type) {
        return InferOutputTensor.newBuilder().setName(name).setDatatype(type);
    }

    private static ByteString bytes(int... values) {
        byte[] bytes = new byte[values.length];
        for (int i = 0; i < values.length; i++) {
            bytes[i] = (byte) values[i];
        }
        return ByteString.copyFrom(bytes);
    }

    private static ModelInferResponse parsed(ModelInferReply reply) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        reply.writeTo(bytes);
        assertThat(bytes.size()).isEqualTo(reply.byteSize());
        return ModelInferResponse.parseFrom(bytes.toByteArray());
    }

    private static final class LargestWrite extends OutputStream {
        final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        int largest;

        @Override
        public void write(int value) {
            throw new AssertionError("written byte by byte");
        }

        @Override
        public void write(byte[] source, int offset, int length) {
            largest = Math.max(largest, length);
            bytes.write(source, offset, length);
        }
    }
}
