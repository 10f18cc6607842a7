package io.nereid.server.grpc;

import io.grpc.ServerServiceDefinition;
import io.nereid.backend.Model;
import io.nereid.protocol.ModelConfig;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.TensorSpec;
import io.nereid.protocol.grpc.ModelVersions;
import io.nereid.protocol.grpc.proto.GRPCInferenceServiceGrpc;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.ModelConfigRequest;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.ModelConfigResponse;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.ModelMetadataRequest;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.ModelMetadataResponse;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.ModelMetadataResponse.TensorMetadata;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.ModelReadyRequest;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.ModelReadyResponse;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.ServerLiveRequest;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.ServerLiveResponse;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.ServerMetadataRequest;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.ServerMetadataResponse;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.ServerReadyRequest;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.ServerReadyResponse;
import io.nereid.server.InferenceServer;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.LongStream;

/** {@code inference.GRPCInferenceService}: inference, health and metadata (gRPC section 4). */
final class InferenceService {
    private final InferenceServer server;
    private final ModelInferHandler infer;

    InferenceService(InferenceServer server, ModelInferHandler infer) {
        this.server = server;
        this.infer = infer;
    }

    ServerServiceDefinition definition() {
        return ServerServiceDefinition.builder(GRPCInferenceServiceGrpc.SERVICE_NAME)
                .addMethod(
                        GRPCInferenceServiceGrpc.getServerLiveMethod(),
                        UnaryCalls.answeredBy(this::serverLive))
                .addMethod(
                        GRPCInferenceServiceGrpc.getServerReadyMethod(),
                        UnaryCalls.answeredBy(this::serverReady))
                .addMethod(
                        GRPCInferenceServiceGrpc.getServerMetadataMethod(),
                        UnaryCalls.answeredBy(this::serverMetadata))
                .addMethod(
                        GRPCInferenceServiceGrpc.getModelReadyMethod(),
                        UnaryCalls.answeredBy(this::modelReady))
                .addMethod(
                        GRPCInferenceServiceGrpc.getModelMetadataMethod(),
                        UnaryCalls.answeredBy(this::modelMetadata))
                .addMethod(
                        GRPCInferenceServiceGrpc.getModelConfigMethod(),
                        UnaryCalls.answeredBy(this::modelConfig))
                .addMethod(infer.method(), infer)
                .build();
    }

    private ServerLiveResponse serverLive(ServerLiveRequest request) {
        return ServerLiveResponse.newBuilder().setLive(server.isLive()).build();
    }

    private ServerReadyResponse serverReady(ServerReadyRequest request) {
        return ServerReadyResponse.newBuilder().setReady(server.isReady()).build();
    }

    private ServerMetadataResponse serverMetadata(ServerMetadataRequest request) {
        return ServerMetadataResponse.newBuilder()
                .setName(server.metadata().name())
                .setVersion(server.metadata().version())
                .addAllExtensions(server.metadata().extensions())
                .build();
    }

    /** A model that cannot be found is not ready; only a text that is no version is an error. */
    private ModelReadyResponse modelReady(ModelReadyRequest request) {
        OptionalLong version = ModelVersions.parse(request.getVersion());
        return ModelReadyResponse.newBuilder()
                .setReady(isReady(request.getName(), version))
                .build();
    }

    private boolean isReady(String name, OptionalLong version) {
        try {
            readyModel(name, version);
            return true;
        } catch (StatusException e) {
            return switch (e.code()) {
                case NOT_FOUND, UNAVAILABLE -> false;
                case UNKNOWN, INTERNAL, INVALID_ARG, UNSUPPORTED, ALREADY_EXISTS, CANCELLED ->
                        throw e;
            };
        }
    }

    private ModelMetadataResponse modelMetadata(ModelMetadataRequest request) {
        OptionalLong version = ModelVersions.parse(request.getVersion());
        ModelConfig config = readyModel(request.getName(), version).config();
        List<Long> versions =
                version.isPresent()
                        ? List.of(version.getAsLong())
                        : server.readyVersions(request.getName());
        return ModelMetadataResponse.newBuilder()
                .setName(config.name())
                .addAllVersions(versions.stream().map(String::valueOf).toList())
                .setPlatform(config.platform())
                .addAllInputs(tensors(config, config.inputs().values()))
                .addAllOutputs(tensors(config, config.outputs().values()))
                .build();
    }

    private ModelConfigResponse modelConfig(ModelConfigRequest request) {
        OptionalLong version = ModelVersions.parse(request.getVersion());
        ModelConfig config = readyModel(request.getName(), version).config();
        return ModelConfigResponse.newBuilder().setConfig(config.message()).build();
    }

    private Model readyModel(String name, OptionalLong version) {
        server.requireReady();
        return server.model(name, version);
    }

    private static List<TensorMetadata> tensors(ModelConfig config, Iterable<TensorSpec> specs) {
        List<TensorMetadata> tensors = new ArrayList<>();
        for (TensorSpec spec : specs) {
            tensors.add(
                    TensorMetadata.newBuilder()
                            .setName(spec.name())
                            .setDatatype(spec.type().wireName())
                            .addAllShape(
                                    LongStream.of(config.apiShape(spec).toArray()).boxed().toList())
                            .build());
        }
        return tensors;
    }
}
