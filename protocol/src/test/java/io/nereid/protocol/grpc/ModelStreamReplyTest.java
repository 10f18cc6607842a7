package io.nereid.protocol.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.nereid.protocol.DataType;
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
import io.nereid.protocol.grpc.proto.GrpcServiceProto.ModelStreamInferResponse;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ModelStreamReplyTest {
    private static final ModelStreamReply.Echo ECHO = new ModelStreamReply.Echo("i", "m", "");

    @RegisterExtension final LeakCheckedAllocator allocator = new LeakCheckedAllocator();

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 90, 200, 16_300, 2_100_000})
    void carriesAResponseOfAnySize(int size) throws IOException {
        TensorBuffer bytes = allocator.allocate(size);
        bytes.segment().fill((byte) 3);

        ModelStreamInferResponse found =
                written(
                        ModelStreamReply.response(
                                response(new Tensor("Y", DataType.UINT8, Shape.of(size), bytes)),
                                SharedOutputs.NONE,
                                false));

        assertThat(found.getErrorMessage()).isEmpty();
        assertThat(found.getInferResponse().getRawOutputContents(0)).hasSize(size);
        assertThat(found.getInferResponse().getParametersMap())
                .containsOnly(
                        Map.entry("triton_final_response", bool(false)),
                        Map.entry("own", InferParameter.newBuilder().setStringParam("p").build()));
    }

    @Test
    void saysWhetherTheResponseIsTheLast() throws IOException {
        assertThat(
                        written(ModelStreamReply.response(response(), SharedOutputs.NONE, true))
                                .getInferResponse()
                                .getParametersOrThrow("triton_final_response"))
                .isEqualTo(bool(true));
    }

    @Test
    void repeatsTheRequestInAnEmptyEnd() throws IOException {
        assertThat(written(ModelStreamReply.emptyFinal(ECHO)))
                .isEqualTo(
                        ModelStreamInferResponse.newBuilder()
                                .setInferResponse(
                                        ModelInferResponse.newBuilder()
                                                .setId("i")
                                                .setModelName("m")
                                                .putParameters("triton_final_response", bool(true)))
                                .build());
    }

    @Test
    void repeatsTheRequestInAFailure() throws IOException {
        ModelStreamInferResponse found =
                written(ModelStreamReply.failed(ECHO, StatusException.invalidArgument("t"), true));

        assertThat(found.getErrorMessage()).isEqualTo("t");
        assertThat(found.getInferResponse())
                .isEqualTo(written(ModelStreamReply.emptyFinal(ECHO)).getInferResponse());
    }

    @Test
    void repeatsOnlyTheIdInARefusal() throws IOException {
        assertThat(
                        written(
                                ModelStreamReply.refused(
                                        "i", new StatusException(StatusCode.CANCELLED, ""))))
                .isEqualTo(
                        ModelStreamInferResponse.newBuilder()
                                .setErrorMessage("Cancelled")
                                .setInferResponse(ModelInferResponse.newBuilder().setId("i"))
                                .build());
    }

    @Test
    void cannotBeClosedTwice() {
        ModelStreamReply reply = ModelStreamReply.response(response(), SharedOutputs.NONE, true);
        reply.close();

        assertThatIllegalStateException()
                .isThrownBy(reply::close)
                .withMessage("stream reply closed twice");
    }

    private static InferenceResponse response(Tensor... outputs) {
        return new InferenceResponse(
                "i", "m", 12, Map.of("own", new Parameter.StringValue("p")), List.of(outputs));
    }

    private static InferParameter bool(boolean value) {
        return InferParameter.newBuilder().setBoolParam(value).build();
    }

    private static ModelStreamInferResponse written(ModelStreamReply reply) throws IOException {
        try (reply) {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            reply.writeTo(bytes);
            assertThat(bytes.size()).isEqualTo(reply.byteSize());
            return ModelStreamInferResponse.parseFrom(bytes.toByteArray());
        }
    }
}
