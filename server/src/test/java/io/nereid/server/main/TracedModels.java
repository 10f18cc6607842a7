package io.nereid.server.main;

import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.nereid.protocol.grpc.proto.GRPCInferenceServiceGrpc;
import io.nereid.protocol.grpc.proto.GRPCInferenceServiceGrpc.GRPCInferenceServiceBlockingStub;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.InferTensorContents;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.ModelInferRequest;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.ModelInferRequest.InferInputTensor;
import io.nereid.server.access.AccessFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A server with a model {@code plain} and an ensemble {@code chain} of two, and its clients. */
final class TracedModels implements AutoCloseable {
    static final String INFER = "/v2/models/plain/infer";
    static final String INFER_CHAIN = "/v2/models/chain/infer";

    /** A request with an id. */
    static final String BODY =
            "{\"id\":\"abc\",\"inputs\":[{\"name\":\"INPUT0\",\"datatype\":\"INT32\","
                    + "\"shape\":[1,2],\"data\":[1,2]}]}";

    private static final String TENSORS =
            """
            max_batch_size: 4
            input [ { name: "INPUT0" data_type: TYPE_INT32 dims: [ 2 ] } ]
            output [ { name: "OUTPUT0" data_type: TYPE_INT32 dims: [ 2 ] } ]
            """;
    private static final String STEP =
            "{ model_name: \"%s\" model_version: -1 input_map { key: \"INPUT0\" value: \"%s\" }"
                    + " output_map { key: \"OUTPUT0\" value: \"%s\" } }";

    private final NereidServer server;
    private final TestClient http;
    private final ManagedChannel channel;

    private TracedModels(NereidServer server) {
        this.server = server;
        this.http = new TestClient(server.httpPort());
        this.channel =
                NettyChannelBuilder.forAddress("127.0.0.1", server.grpcPort())
                        .usePlaintext()
                        .build();
    }

    /** Starts a server with further flags; closing this stops it. */
    static TracedModels start(Path repository, Optional<AccessFile> access, String... flags)
            throws IOException {
        TestServers.place(repository, "plain", TENSORS + "backend: \"identity\"");
        TestServers.place(repository, "second", TENSORS + "backend: \"identity\"");
        TestServers.place(repository, "repeat", TestServers.REPEAT);
        TestServers.place(
                repository,
                "chain",
                TENSORS
                        + "platform: \"ensemble\" ensemble_scheduling { step [ "
                        + STEP.formatted("plain", "INPUT0", "t")
                        + ", "
                        + STEP.formatted("second", "t", "OUTPUT0")
                        + " ] }");
        List<String> all =
                new ArrayList<>(
                        List.of(
                                "--model-repository=" + repository,
                                "--http-address=127.0.0.1",
                                "--http-port=0",
                                "--grpc-address=127.0.0.1",
                                "--grpc-port=0"));
        all.addAll(List.of(flags));
        return new TracedModels(
                NereidServer.start(
                        TestServers.commandLine(Map.of(), all), RunningLog.unheard(), access));
    }

    int httpPort() {
        return server.httpPort();
    }

    TestClient http() {
        return http;
    }

    ManagedChannel channel() {
        return channel;
    }

    GRPCInferenceServiceBlockingStub grpc() {
        return GRPCInferenceServiceGrpc.newBlockingStub(channel);
    }

    static ModelInferRequest grpcRequest(String model) {
        return ModelInferRequest.newBuilder()
                .setModelName(model)
                .setId("def")
                .addInputs(
                        InferInputTensor.newBuilder()
                                .setName("INPUT0")
                                .setDatatype("INT32")
                                .addShape(1)
                                .addShape(2)
                                .setContents(
                                        InferTensorContents.newBuilder()
                                                .addIntContents(1)
                                                .addIntContents(2)))
                .build();
    }

    @Override
    public void close() {
        channel.shutdownNow();
        http.close();
        server.close();
    }
}
