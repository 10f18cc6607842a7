package io.nereid.server.grpc;

import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.ModelRepositoryParameter;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.ModelRepositoryParameter.ParameterChoiceCase;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.RepositoryIndexRequest;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.RepositoryIndexResponse;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.RepositoryIndexResponse.ModelIndex;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.RepositoryModelLoadRequest;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.RepositoryModelLoadResponse;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.RepositoryModelUnloadRequest;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.RepositoryModelUnloadResponse;
import io.nereid.repository.IndexEntry;
import io.nereid.repository.ModelOverride;
import io.nereid.repository.VersionState;
import io.nereid.server.InferenceServer;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** Index, load and unload (gRPC protocol section 5). Methods may block. */
final class RepositoryCalls {
    private static final String CONFIG = "config";
    private static final String FILE_PREFIX = "file:";
    private static final String UNLOAD_DEPENDENTS = "unload_dependents";

    private final InferenceServer server;

    RepositoryCalls(InferenceServer server) {
        this.server = server;
    }

    RepositoryIndexResponse index(RepositoryIndexRequest request) {
        refuseRepository(request.getRepositoryName());
        server.requireReady();
        RepositoryIndexResponse.Builder response = RepositoryIndexResponse.newBuilder();
        for (IndexEntry entry : server.index()) {
            if (!request.getReady() || entry.state().equals(Optional.of(VersionState.READY))) {
                response.addModels(line(entry));
            }
        }
        return response.build();
    }

    private static ModelIndex line(IndexEntry entry) {
        ModelIndex.Builder line =
                ModelIndex.newBuilder().setName(entry.name()).setReason(entry.reason());
        entry.version().ifPresent(version -> line.setVersion(Long.toString(version)));
        entry.state().ifPresent(state -> line.setState(state.name()));
        return line.build();
    }

    RepositoryModelLoadResponse load(RepositoryModelLoadRequest request) {
        refuseRepository(request.getRepositoryName());
        ModelOverride override = override(request.getParametersMap());
        server.requireReady();
        server.extensions().repository().load(request.getModelName(), override);
        return RepositoryModelLoadResponse.getDefaultInstance();
    }

    private static ModelOverride override(Map<String, ModelRepositoryParameter> parameters) {
        Optional<String> config = Optional.empty();
        Map<String, byte[]> files = new LinkedHashMap<>();
        for (Map.Entry<String, ModelRepositoryParameter> entry : parameters.entrySet()) {
            String key = entry.getKey();
            ModelRepositoryParameter value = entry.getValue();
            if (key.equals(CONFIG)) {
                requireType(key, value, ParameterChoiceCase.STRING_PARAM, "string_param");
                config = Optional.of(value.getStringParam());
            } else if (key.startsWith(FILE_PREFIX)) {
                requireType(key, value, ParameterChoiceCase.BYTES_PARAM, "bytes_param");
                files.put(key.substring(FILE_PREFIX.length()), value.getBytesParam().toByteArray());
            } else {
                throw StatusException.invalidArgument("unrecognized load parameter '" + key + "'.");
            }
        }
        return new ModelOverride(config, files);
    }

    private static void requireType(
            String key,
            ModelRepositoryParameter value,
            ParameterChoiceCase expected,
            String expectedName) {
        if (value.getParameterChoiceCase() != expected) {
            throw StatusException.invalidArgument(
                    "invalid value type for load parameter '"
                            + key
                            + "', expected "
                            + expectedName
                            + ".");
        }
    }

    RepositoryModelUnloadResponse unload(RepositoryModelUnloadRequest request) {
        refuseRepository(request.getRepositoryName());
        boolean withDependents =
                Optional.ofNullable(request.getParametersMap().get(UNLOAD_DEPENDENTS))
                        .map(RepositoryCalls::bool)
                        .orElse(false);
        server.requireReady();
        server.extensions().repository().unload(request.getModelName(), withDependents);
        return RepositoryModelUnloadResponse.getDefaultInstance();
    }

    private static boolean bool(ModelRepositoryParameter value) {
        if (value.getParameterChoiceCase() != ParameterChoiceCase.BOOL_PARAM) {
            throw StatusException.invalidArgument(
                    "invalid value type for 'unload_dependents' parameter, expected bool_param.");
        }
        return value.getBoolParam();
    }

    private static void refuseRepository(String name) {
        if (!name.isEmpty()) {
            throw new StatusException(
                    StatusCode.UNSUPPORTED, "'repository_name' specification is not supported");
        }
    }
}
