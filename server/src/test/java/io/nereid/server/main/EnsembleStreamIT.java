package io.nereid.server.main;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.grpc.Context;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.StreamObserver;
import io.nereid.protocol.grpc.proto.GRPCInferenceServiceGrpc;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.InferParameter;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.InferTensorContents;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.ModelInferRequest;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.ModelInferRequest.InferInputTensor;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.ModelStreamInferResponse;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An ensemble of a decoupled model and one that answers once, over everything that streams. */
final class EnsembleStreamIT {
    private static final String ENSEMBLE =
            """
            platform: "ensemble" max_batch_size: 0
            input [ { name: "IN" data_type: TYPE_INT32 dims: [ -1 ] },
                    { name: "DELAY" data_type: TYPE_UINT32 dims: [ -1 ] },
                    { name: "WAIT" data_type: TYPE_UINT32 dims: [ 1 ] } ]
            output [ { name: "Y" data_type: TYPE_INT32 dims: [ 1 ] },
                     { name: "IDX" data_type: TYPE_UINT32 dims: [ 1 ] } ]
            ensemble_scheduling {
              max_inflight_requests: 2
              step [
                { model_name: "repeat" model_version: -1
                  input_map { key: "IN" value: "IN" } input_map { key: "DELAY" value: "DELAY" }
                  input_map { key: "WAIT" value: "WAIT" }
                  output_map { key: "OUT" value: "t" } output_map { key: "IDX" value: "IDX" } },
                { model_name: "echo" model_version: -1
                  input_map { key: "X" value: "t" } output_map { key: "Y" value: "Y" } } ] }
            """;
    private static final String ECHO =
            """
            backend: "identity" max_batch_size: 4
            input [ { name: "X" data_type: TYPE_INT32 dims: [ 1 ] } ]
            output [ { name: "Y" data_type: TYPE_INT32 dims: [ 1 ] } ]
            """;

    @TempDir private Path repository;

    private NereidServer server;
    private TestClient client;
    private ManagedChannel channel;

    @BeforeEach
    void start() throws IOException {
        TestServers.place(repository, "repeat", TestServers.REPEAT);
        TestServers.place(repository, "echo", ECHO);
        TestServers.place(repository, "stream", ENSEMBLE);
        server = NereidServer.start(TestServers.options(repository));
        client = new TestClient(server.httpPort());
        channel =
                NettyChannelBuilder.forAddress("127.0.0.1", server.grpcPort())
                        .usePlaintext()
                        .build();
    }

    @AfterEach
    void stop() {
        client.close();
        channel.shutdownNow();
        // Fails if a tensor was not given back.
        server.close();
    }

    @Test
    void saysThatItIsDecoupled() throws Exception {
        assertThat(json("/v2/models/stream/config").at("/model_transaction_policy/decoupled"))
                .asString()
                .isEqualTo("true");
    }

    @Test
    void answersWithAnEventForEachResponse() throws Exception {
        HttpResponse<byte[]> answer =
                client.infer(
                        "/v2/models/stream/generate_stream",
                        "{\"IN\":[7,8,9],\"DELAY\":[0,0,1],\"WAIT\":0}"
                                .getBytes(StandardCharsets.UTF_8));

        assertThat(new String(answer.body(), StandardCharsets.UTF_8).lines())
                .filteredOn(line -> line.startsWith("data: "))
                .satisfiesExactly(
                        one -> assertThat(one).contains("\"IDX\":0").contains("\"Y\":7"),
                        two -> assertThat(two).contains("\"IDX\":1").contains("\"Y\":8"),
                        three -> assertThat(three).contains("\"IDX\":2").contains("\"Y\":9"));
        JsonNode stats = json("/v2/models/stream/stats").at("/model_stats/0");
        assertThat(stats.at("/inference_stats/success/count").asInt()).isEqualTo(1);
        assertThat(stats.at("/response_stats/2/success/count").asInt()).isEqualTo(1);
        assertThat(stats.at("/ensemble_stats/steps/1/total/count").asInt()).isEqualTo(3);
    }

    @Test
    void refusesWhatCannotStream() throws Exception {
        HttpResponse<byte[]> answer = client.post("/v2/models/stream/infer", "{\"inputs\":[]}");

        assertThat(answer.statusCode()).isEqualTo(501);
        assertThat(TestClient.error(answer))
                .isEqualTo(
                        "HTTP end point doesn't support models with decoupled transaction policy");
    }

    @Test
    void answersOverAStream() throws Exception {
        BlockingQueue<ModelStreamInferResponse> replies = new LinkedBlockingQueue<>();
        StreamObserver<ModelInferRequest> requests = open(replies);
        requests.onNext(request(true, 4, 5));

        boolean ended = false;
        for (int k = 0; k < 2; k++) {
            ModelStreamInferResponse reply = next(replies);
            assertThat(reply.getErrorMessage()).isEmpty();
            assertThat(reply.getInferResponse().getModelName()).isEqualTo("stream");
            assertThat(reply.getInferResponse().getRawOutputContents(0).byteAt(0))
                    .isEqualTo((byte) k);
            assertThat(reply.getInferResponse().getRawOutputContents(1).byteAt(0))
                    .isEqualTo((byte) (4 + k));
            assertThat(ended).isFalse();
            ended = isFinal(reply);
        }
        if (!ended) {
            // The first step ended after the last response had left.
            ModelStreamInferResponse last = next(replies);
            assertThat(last.getInferResponse().getOutputsList()).isEmpty();
            assertThat(isFinal(last)).isTrue();
        }
        requests.onCompleted();
    }

    @Test
    void endsInMidStreamWhenTheClientGoes() throws Exception {
        BlockingQueue<ModelStreamInferResponse> replies = new LinkedBlockingQueue<>();
        Context.CancellableContext call = Context.current().withCancellation();
        call.run(() ->
                open(replies)
                        .onNext(
                                request(false, 1, 2).toBuilder()
                                        .setInputs(1, delays(0, 3_600_000))
                                        .build()));
        assertThat(next(replies).getErrorMessage()).isEmpty();
        call.cancel(null);

        Watch.awaitTrue("end", () -> server.inFlight() == 0);
        JsonNode stats = json("/v2/models/stream/stats").at("/model_stats/0");
        assertThat(stats.at("/response_stats/0/success/count").asInt()).isEqualTo(1);
        assertThat(stats.at("/response_stats/1/cancel/count").asInt()).isEqualTo(1);
    }

    private static boolean isFinal(ModelStreamInferResponse reply) {
        return reply.getInferResponse()
                .getParametersOrThrow("triton_final_response")
                .getBoolParam();
    }

    private StreamObserver<ModelInferRequest> open(
            BlockingQueue<ModelStreamInferResponse> replies) {
        return GRPCInferenceServiceGrpc.newStub(channel)
                .modelStreamInfer(
                        new StreamObserver<>() {
                            @Override
                            public void onNext(ModelStreamInferResponse reply) {
                                replies.add(reply);
                            }

                            @Override
                            public void onError(Throwable failure) {}

                            @Override
                            public void onCompleted() {}
                        });
    }

    private static ModelStreamInferResponse next(BlockingQueue<ModelStreamInferResponse> replies)
            throws InterruptedException {
        ModelStreamInferResponse reply = replies.poll(30, TimeUnit.SECONDS);
        assertThat(reply).as("reply").isNotNull();
        return reply;
    }

    private static ModelInferRequest request(boolean emptyFinal, int... values) {
        InferTensorContents.Builder contents = InferTensorContents.newBuilder();
        for (int value : values) {
            contents.addIntContents(value);
        }
        return ModelInferRequest.newBuilder()
                .setModelName("stream")
                .putParameters(
                        "triton_enable_empty_final_response",
                        InferParameter.newBuilder().setBoolParam(emptyFinal).build())
                .addInputs(
                        InferInputTensor.newBuilder()
                                .setName("IN")
                                .setDatatype("INT32")
                                .addShape(values.length)
                                .setContents(contents))
                .addInputs(delays(new int[values.length]))
                .addInputs(
                        InferInputTensor.newBuilder()
                                .setName("WAIT")
                                .setDatatype("UINT32")
                                .addShape(1)
                                .setContents(InferTensorContents.newBuilder().addUintContents(0)))
                .build();
    }

    private static InferInputTensor delays(int... millis) {
        InferTensorContents.Builder contents = InferTensorContents.newBuilder();
        for (int delay : millis) {
            contents.addUintContents(delay);
        }
        return InferInputTensor.newBuilder()
                .setName("DELAY")
                .setDatatype("UINT32")
                .addShape(millis.length)
                .setContents(contents)
                .build();
    }

    private JsonNode json(String path) throws IOException, InterruptedException {
        return new ObjectMapper().readTree(client.get(path).body());
    }
}
