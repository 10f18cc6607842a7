package io.nereid.load.client.grpc;

import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import io.nereid.load.client.Lane;
import io.nereid.load.client.Loop;
import io.nereid.load.client.RequestSet;
import io.nereid.load.client.Target;
import io.nereid.load.client.Transport;
import io.nereid.protocol.grpc.proto.GRPCInferenceServiceGrpc;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.ServerLiveRequest;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.ServerLiveResponse;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Lanes over gRPC: calls, or streams. */
public final class GrpcTransport implements Transport {
    private final Target target;
    private final GrpcRequests requests;
    private final boolean streaming;
    private final boolean decoupled;
    private final Metadata headers;
    private final Map<Loop, Channels> channels = new ConcurrentHashMap<>();

    /**
     * Encodes the requests.
     *
     * @param streaming whether requests go over streams
     */
    public GrpcTransport(Target target, RequestSet set, boolean streaming) {
        this.target = target;
        this.requests = new GrpcRequests(set);
        this.streaming = streaming;
        this.decoupled = set.decoupled();
        this.headers = GrpcServerApi.metadata(set.headers());
    }

    /** Asks whether the server is alive, so that no request has to wait for its connection. */
    @Override
    public void openLane(Loop loop, Opening opening) {
        ManagedChannel channel =
                channels.computeIfAbsent(loop, one -> new Channels(target, one)).next();
        ClientCalls.asyncUnaryCall(
                channel.newCall(
                        GRPCInferenceServiceGrpc.getServerLiveMethod(), CallOptions.DEFAULT),
                ServerLiveRequest.getDefaultInstance(),
                new StreamObserver<ServerLiveResponse>() {
                    @Override
                    public void onNext(ServerLiveResponse answer) {
                        // What matters is that there is one.
                    }

                    @Override
                    public void onError(Throwable failure) {
                        Status status = Status.fromThrowable(failure);
                        loop.execute(() -> {
                            if (Failures.isAnswer(status)) {
                                opening.opened(lane(channel, loop));
                            } else {
                                opening.refused(Failures.describe(status));
                            }
                        });
                    }

                    @Override
                    public void onCompleted() {
                        loop.execute(() -> opening.opened(lane(channel, loop)));
                    }
                });
    }

    private Lane lane(ManagedChannel channel, Loop loop) {
        return streaming
                ? new StreamLane(channel, loop, requests, decoupled, headers)
                : new UnaryLane(channel, loop, requests, headers);
    }

    @Override
    public void close() {
        channels.values().forEach(Channels::close);
    }
}
