package io.nereid.load.client.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.nereid.load.client.RequestInput;
import io.nereid.load.client.RequestOutput;
import io.nereid.load.client.RequestSet;
import io.nereid.load.client.SequenceStep;
import io.nereid.load.client.SharedPlace;
import io.nereid.load.data.TensorValue;
import io.nereid.protocol.DataType;
import io.nereid.protocol.Shape;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.InferParameter;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.ModelInferRequest;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.ModelInferResponse;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.ModelInferResponse.InferOutputTensor;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.ModelStreamInferResponse;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class GrpcMessagesTest {
    private static final TensorValue VALUE =
            TensorValue.wrap("IN", DataType.UINT8, Shape.of(1, 3), new byte[] {1, 2, 3});

    private static GrpcRequests requests(
            Optional<SharedPlace> place, List<RequestOutput> outputs, boolean decoupled) {
        return new GrpcRequests(
                new RequestSet(
                        "m",
                        "2",
                        List.of(List.of(new RequestInput(VALUE, place))),
                        outputs,
                        false,
                        false,
                        Map.of(),
                        decoupled));
    }

    private static ModelInferRequest sent(OutgoingMessage message) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        int size;
        try (InputStream stream = message.stream()) {
            size = stream.available();
            stream.transferTo(bytes);
        }
        assertThat(bytes.size()).isEqualTo(size);
        return ModelInferRequest.parseFrom(bytes.toByteArray());
    }

    @Test
    void sendsRawInputs() throws IOException {
        ModelInferRequest request =
                sent(requests(Optional.empty(), List.of(), false).message(0, Optional.empty()));

        assertThat(request.getModelName()).isEqualTo("m");
        assertThat(request.getModelVersion()).isEqualTo("2");
        assertThat(request.getInputs(0).getShapeList()).containsExactly(1L, 3L);
        assertThat(request.getRawInputContents(0))
                .isEqualTo(ByteString.copyFrom(new byte[] {1, 2, 3}));
        assertThat(request.getParametersMap()).isEmpty();
    }

    @Test
    void addsStepAndIdToAnEncodedRequest() throws IOException {
        ModelInferRequest request =
                sent(
                        requests(Optional.empty(), List.of(), true)
                                .message(0, Optional.of(new SequenceStep(9, false, true)), "17"));

        assertThat(request.getId()).isEqualTo("17");
        assertThat(request.getRawInputContentsCount()).isEqualTo(1);
        assertThat(request.getParametersOrThrow("sequence_id").getInt64Param()).isEqualTo(9);
        assertThat(request.getParametersOrThrow("sequence_start").getBoolParam()).isFalse();
        assertThat(request.getParametersOrThrow("sequence_end").getBoolParam()).isTrue();
        assertThat(
                        request.getParametersOrThrow("triton_enable_empty_final_response")
                                .getBoolParam())
                .isTrue();
    }

    @Test
    void namesPlacesInSharedMemory() throws IOException {
        ModelInferRequest request =
                sent(
                        requests(
                                        Optional.of(new SharedPlace("in", 64, 3)),
                                        List.of(
                                                new RequestOutput(
                                                        "OUT", new SharedPlace("out", 0, 8))),
                                        false)
                                .message(0, Optional.empty()));

        assertThat(request.getRawInputContentsCount()).isZero();
        assertThat(
                        request.getInputs(0)
                                .getParametersOrThrow("shared_memory_offset")
                                .getInt64Param())
                .isEqualTo(64);
        assertThat(
                        request.getOutputs(0)
                                .getParametersOrThrow("shared_memory_region")
                                .getStringParam())
                .isEqualTo("out");
    }

    private static StreamReply read(ModelStreamInferResponse response) throws IOException {
        return StreamReply.read(new ByteArrayInputStream(response.toByteArray()));
    }

    @Test
    void findsWhatMattersInAReply() throws IOException {
        StreamReply reply =
                read(
                        ModelStreamInferResponse.newBuilder()
                                .setInferResponse(
                                        ModelInferResponse.newBuilder()
                                                .setModelName("m")
                                                .setId("17")
                                                .putParameters(
                                                        "triton_final_response",
                                                        InferParameter.newBuilder()
                                                                .setBoolParam(true)
                                                                .build())
                                                .putParameters(
                                                        "other",
                                                        InferParameter.newBuilder()
                                                                .setInt64Param(1)
                                                                .build())
                                                .addOutputs(
                                                        InferOutputTensor.newBuilder()
                                                                .setName("OUT"))
                                                .addRawOutputContents(
                                                        ByteString.copyFrom(new byte[100_000])))
                                .build());

        assertThat(reply).isEqualTo(new StreamReply("", "17", true, true));
    }

    @Test
    void findsTheErrorOfAReply() throws IOException {
        assertThat(read(ModelStreamInferResponse.newBuilder().setErrorMessage("broken").build()))
                .isEqualTo(new StreamReply("broken", "", false, false));
    }
}
