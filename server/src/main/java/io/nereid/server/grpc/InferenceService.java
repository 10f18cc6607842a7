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
import io.nereid.server.security.ApiCategory;
import io.nereid.server.security.RestrictedApis;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.LongStream;

/**
 * {@code inference.GRPCInferenceService}: the table of its methods, and the answers to those of
 * health and metadata (gRPC protocol section 4).
 */
final class InferenceService {
    private final InferenceServer server;
    private final RestrictedApis restricted;
    private final ModelInferHandler infer;
    private final ModelStreamHandler stream;

    InferenceService(
            InferenceServer server,
            RestrictedApis restricted,
            ModelInferHandler infer,
            ModelStreamHandler stream) {
        this.server = server;
        this.restricted = restricted;
        this.infer = infer;
        this.stream = stream;
    }

    ServerServiceDefinition definition() {
        ServiceBuilder service =
                new ServiceBuilder(
                        GRPCInferenceServiceGrpc.getServiceDescriptor(),
                        restricted,
                        server.tasks());
        addModels(service);
        addControl(service);
        addSharedMemory(service);
        return service.add(ApiCategory.INFERENCE, infer.method(), infer)
                .add(ApiCategory.INFERENCE, stream.method(), stream)
                .build();
    }

    private void addModels(ServiceBuilder service) {
        service.quick(
                        ApiCategory.HEALTH,
                        GRPCInferenceServiceGrpc.getServerLiveMethod(),
                        this::serverLive)
                .quick(
                        ApiCategory.HEALTH,
                        GRPCInferenceServiceGrpc.getServerReadyMethod(),
                        this::serverReady)
                .quick(
                        ApiCategory.HEALTH,
                        GRPCInferenceServiceGrpc.getModelReadyMethod(),
                        this::modelReady)
                .quick(
                        ApiCategory.METADATA,
                        GRPCInferenceServiceGrpc.getServerMetadataMethod(),
                        this::serverMetadata)
                .quick(
                        ApiCategory.METADATA,
                        GRPCInferenceServiceGrpc.getModelMetadataMethod(),
                        this::modelMetadata)
                .quick(
                        ApiCategory.MODEL_CONFIG,
                        GRPCInferenceServiceGrpc.getModelConfigMethod(),
                        this::modelConfig);
    }

    private void addControl(ServiceBuilder service) {
        RepositoryCalls repository = new RepositoryCalls(server);
        SettingsCalls settings = new SettingsCalls(server);
        service.quick(
                        ApiCategory.STATISTICS,
                        GRPCInferenceServiceGrpc.getModelStatisticsMethod(),
                        new StatisticsCalls(server)::statistics)
                .blocking(
                        ApiCategory.MODEL_REPOSITORY,
                        GRPCInferenceServiceGrpc.getRepositoryIndexMethod(),
                        repository::index)
                .blocking(
                        ApiCategory.MODEL_REPOSITORY,
                        GRPCInferenceServiceGrpc.getRepositoryModelLoadMethod(),
                        repository::load)
                .blocking(
                        ApiCategory.MODEL_REPOSITORY,
                        GRPCInferenceServiceGrpc.getRepositoryModelUnloadMethod(),
                        repository::unload)
                .quick(
                        ApiCategory.TRACE,
                        GRPCInferenceServiceGrpc.getTraceSettingMethod(),
                        settings::trace)
                .quick(
                        ApiCategory.LOGGING,
                        GRPCInferenceServiceGrpc.getLogSettingsMethod(),
                        settings::log);
    }

    private void addSharedMemory(ServiceBuilder service) {
        SharedMemoryCalls regions = new SharedMemoryCalls(server.extensions().sharedMemory());
        service.blocking(
                        ApiCategory.SHARED_MEMORY,
                        GRPCInferenceServiceGrpc.getSystemSharedMemoryStatusMethod(),
                        regions::systemStatus)
                .blocking(
                        ApiCategory.SHARED_MEMORY,
                        GRPCInferenceServiceGrpc.getSystemSharedMemoryRegisterMethod(),
                        regions::registerSystem)
                .blocking(
                        ApiCategory.SHARED_MEMORY,
                        GRPCInferenceServiceGrpc.getSystemSharedMemoryUnregisterMethod(),
                        regions::unregisterSystem)
                .blocking(
                        ApiCategory.SHARED_MEMORY,
                        GRPCInferenceServiceGrpc.getCudaSharedMemoryStatusMethod(),
                        regions::cudaStatus)
                .blocking(
                        ApiCategory.SHARED_MEMORY,
                        GRPCInferenceServiceGrpc.getCudaSharedMemoryRegisterMethod(),
                        regions::registerCuda)
                .blocking(
                        ApiCategory.SHARED_MEMORY,
                        GRPCInferenceServiceGrpc.getCudaSharedMemoryUnregisterMethod(),
                        regions::unregisterCuda);
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
            server.requireReady(name, version);
            return true;
        } catch (StatusException e) {
            return switch (e.code()) {
                case NOT_FOUND, UNAVAILABLE -> false;
                case UNKNOWN,
                        INTERNAL,
                        INVALID_ARG,
                        UNSUPPORTED,
                        ALREADY_EXISTS,
                        CANCELLED,
                        RESOURCE_EXHAUSTED,
                        DEADLINE_EXCEEDED ->
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
