package io.nereid.server.grpc;

import io.grpc.ServerServiceDefinition;
import io.nereid.protocol.grpc.proto.HealthGrpc;
import io.nereid.protocol.grpc.proto.HealthProto.HealthCheckRequest;
import io.nereid.protocol.grpc.proto.HealthProto.HealthCheckResponse;
import io.nereid.protocol.grpc.proto.HealthProto.HealthCheckResponse.ServingStatus;
import io.nereid.server.InferenceServer;
import io.nereid.server.security.ApiCategory;
import io.nereid.server.security.RestrictedApis;

/** {@code grpc.health.v1.Health}: the same answer for any service name (gRPC section 4). */
final class HealthService {
    private final InferenceServer server;
    private final RestrictedApis restricted;

    HealthService(InferenceServer server, RestrictedApis restricted) {
        this.server = server;
        this.restricted = restricted;
    }

    ServerServiceDefinition definition() {
        return new ServiceBuilder(HealthGrpc.getServiceDescriptor(), restricted, server.tasks())
                .quick(ApiCategory.HEALTH, HealthGrpc.getCheckMethod(), this::check)
                .build();
    }

    private HealthCheckResponse check(HealthCheckRequest request) {
        ServingStatus status = server.isReady() ? ServingStatus.SERVING : ServingStatus.NOT_SERVING;
        return HealthCheckResponse.newBuilder().setStatus(status).build();
    }
}
