package io.nereid.load.client.grpc;

import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.MetadataUtils;
import io.nereid.load.client.Loop;
import io.nereid.load.client.ServerApi;
import io.nereid.load.client.Target;
import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.grpc.proto.GRPCInferenceServiceGrpc;
import io.nereid.protocol.grpc.proto.GRPCInferenceServiceGrpc.GRPCInferenceServiceBlockingStub;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.ModelConfigRequest;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.ModelMetadataRequest;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.ModelMetadataResponse;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.ModelStatistics;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.ModelStatisticsRequest;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.SystemSharedMemoryRegisterRequest;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.SystemSharedMemoryUnregisterRequest;
import io.nereid.protocol.proto.ModelConfigProto.ModelConfig;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/** The server's other calls over gRPC. */
public final class GrpcServerApi implements ServerApi {
    private static final long PATIENCE_SECONDS = 30;

    private final Target target;
    private final Loop loop = Loop.open();
    private final ManagedChannel channel;
    private final GRPCInferenceServiceBlockingStub stub;

    /**
     * Connects with the first question.
     *
     * @param headers sent with each, as metadata
     */
    public GrpcServerApi(Target target, Map<String, String> headers) {
        this.target = target;
        this.channel =
                NettyChannelBuilder.forAddress(target.host(), target.port())
                        .usePlaintext()
                        .eventLoopGroup(loop.group())
                        .channelType(Loop.channelType())
                        .maxInboundMessageSize(Integer.MAX_VALUE)
                        .intercept(MetadataUtils.newAttachHeadersInterceptor(metadata(headers)))
                        .build();
        this.stub = GRPCInferenceServiceGrpc.newBlockingStub(channel);
    }

    /** Headers as gRPC sends them. */
    static Metadata metadata(Map<String, String> headers) {
        Metadata metadata = new Metadata();
        headers.forEach((name, value) ->
                metadata.put(
                        Metadata.Key.of(
                                name.toLowerCase(Locale.ROOT), Metadata.ASCII_STRING_MARSHALLER),
                        value));
        return metadata;
    }

    @Override
    public ModelMetadataResponse metadata(String model, String version) {
        return ask(one ->
                one.modelMetadata(
                        ModelMetadataRequest.newBuilder()
                                .setName(model)
                                .setVersion(version)
                                .build()));
    }

    @Override
    public ModelConfig config(String model, String version) {
        return ask(one ->
                one.modelConfig(
                                ModelConfigRequest.newBuilder()
                                        .setName(model)
                                        .setVersion(version)
                                        .build())
                        .getConfig());
    }

    @Override
    public List<ModelStatistics> statistics(String model, String version) {
        return ask(one ->
                one.modelStatistics(
                                ModelStatisticsRequest.newBuilder()
                                        .setName(model)
                                        .setVersion(version)
                                        .build())
                        .getModelStatsList());
    }

    @Override
    public void registerSharedMemory(String region, String key, long byteSize) {
        var _ =
                ask(one ->
                        one.systemSharedMemoryRegister(
                                SystemSharedMemoryRegisterRequest.newBuilder()
                                        .setName(region)
                                        .setKey(key)
                                        .setByteSize(byteSize)
                                        .build()));
    }

    @Override
    public void unregisterSharedMemory(String region) {
        var _ =
                ask(one ->
                        one.systemSharedMemoryUnregister(
                                SystemSharedMemoryUnregisterRequest.newBuilder()
                                        .setName(region)
                                        .build()));
    }

    @Override
    public void close() {
        channel.shutdownNow();
        loop.close();
    }

    private <T> T ask(Function<GRPCInferenceServiceBlockingStub, T> question) {
        try {
            return question.apply(stub.withDeadlineAfter(PATIENCE_SECONDS, TimeUnit.SECONDS));
        } catch (StatusRuntimeException e) {
            Status status = e.getStatus();
            if (!Failures.isAnswer(status)) {
                throw new StatusException(
                        StatusCode.UNAVAILABLE,
                        "cannot reach "
                                + target.authority()
                                + " over gRPC: "
                                + Failures.describe(status),
                        e);
            }
            StatusCode code =
                    status.getCode() == Status.Code.UNIMPLEMENTED
                            ? StatusCode.UNSUPPORTED
                            : StatusCode.UNKNOWN;
            throw new StatusException(code, Failures.describe(status), e);
        }
    }
}
