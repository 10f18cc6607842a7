package io.nereid.server.main;

import com.google.protobuf.ByteString;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.nereid.protocol.grpc.proto.GRPCInferenceServiceGrpc;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.ModelInferRequest;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.ModelInferRequest.InferInputTensor;
import io.nereid.server.netty.RawClient;
import java.io.IOException;
import java.net.ConnectException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * A client that asks the model {@code m} again and again, each time the next server that is ready:
 * every second one over gRPC, the others over HTTP/1.1 with connections that it keeps. The first
 * request that fails ends it.
 */
final class BalancedClient {
    private static final String BODY =
            "{\"inputs\":[{\"name\":\"INPUT0\",\"datatype\":\"INT32\",\"shape\":[1,1],"
                    + "\"data\":[1]}]}";
    private static final ModelInferRequest REQUEST =
            ModelInferRequest.newBuilder()
                    .setModelName("m")
                    .addInputs(
                            InferInputTensor.newBuilder()
                                    .setName("INPUT0")
                                    .setDatatype("INT32")
                                    .addShape(1)
                                    .addShape(1))
                    .addRawInputContents(ByteString.copyFrom(new byte[4]))
                    .build();

    private final boolean overGrpc;
    private final List<Upstream> servers;
    private final Map<Upstream, RawClient> connections = new HashMap<>();
    private final CompletableFuture<Long> result = new CompletableFuture<>();
    private volatile boolean stopping;

    private BalancedClient(int number, List<Upstream> servers) {
        this.overGrpc = number % 2 == 1;
        this.servers = servers;
    }

    /** Starts the client's thread. */
    static BalancedClient start(int number, List<Upstream> servers) {
        BalancedClient client = new BalancedClient(number, servers);
        Thread.ofPlatform().daemon().start(client::run);
        return client;
    }

    boolean hasFailed() {
        return result.isCompletedExceptionally();
    }

    /** Ends it; the number of its requests, of which none failed. */
    long stop() throws Exception {
        stopping = true;
        return result.get(60, TimeUnit.SECONDS);
    }

    private void run() {
        long answered = 0;
        try {
            for (int turn = 0; !stopping; turn++) {
                Upstream server = servers.get(turn % servers.size());
                if (server.isReady() && (overGrpc ? askGrpc(server) : askHttp(server))) {
                    server.countAnswer();
                    answered++;
                }
            }
            for (RawClient connection : connections.values()) {
                connection.close();
            }
            result.complete(answered);
        } catch (IOException | RuntimeException e) {
            result.completeExceptionally(e);
        }
    }

    /** False if the server could not be connected to, so that another one is to be asked. */
    private boolean askHttp(Upstream server) throws IOException {
        Optional<RawClient> open = connection(server);
        if (open.isEmpty()) {
            server.countRetry();
            return false;
        }
        RawClient connection = open.get();
        RawClient.Reply reply =
                connection
                        .request(
                                "POST /v2/models/m/infer HTTP/1.1",
                                "Content-Length: " + BODY.length())
                        .send(BODY)
                        .read();
        if (reply.status() != 200) {
            throw new IOException(reply.statusLine() + ": " + reply.body());
        }
        if (reply.header("Connection").equals("close")) {
            connections.remove(server);
            connection.close();
        }
        return true;
    }

    private Optional<RawClient> connection(Upstream server) throws IOException {
        RawClient kept = connections.get(server);
        if (kept != null && kept.isStillOpen()) {
            return Optional.of(kept);
        }
        if (kept != null) {
            kept.close();
            connections.remove(server);
        }
        try {
            RawClient fresh = new RawClient(server.port());
            connections.put(server, fresh);
            return Optional.of(fresh);
        } catch (ConnectException refused) {
            return Optional.empty();
        }
    }

    private boolean askGrpc(Upstream server) {
        try {
            var _ = GRPCInferenceServiceGrpc.newBlockingStub(server.channel()).modelInfer(REQUEST);
            return true;
        } catch (StatusRuntimeException e) {
            if (e.getStatus().getCode() == Status.Code.UNAVAILABLE
                    && e.getStatus().getCause() instanceof ConnectException) {
                server.countRetry();
                return false;
            }
            throw e;
        }
    }
}
