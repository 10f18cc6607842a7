package io.nereid.server.grpc;

import io.grpc.ServerServiceDefinition;
import io.nereid.protocol.grpc.proto.HealthGrpc;
import io.nereid.protocol.grpc.proto.HealthProto.HealthCheckRequest;
import io.nereid.protocol.grpc.proto.HealthProto.HealthCheckResponse;
import io.nereid.protocol.grpc.proto.HealthProto.HealthCheckResponse.ServingStatus;
import io.nereid.server.InferenceServer;

/** {@code grpc.health.v1.Health}: the same answer for any service name (gRPC section 4). */
final class HealthService {
    private final InferenceServer server;

    HealthService(InferenceServer server) {
        this.server = server;
    }

    ServerServiceDefinition definition() {
        return ServerServiceDefinition.builder(HealthGrpc.SERVICE_NAME)
                .addMethod(HealthGrpc.getCheckMethod(), UnaryCalls.answeredBy(this::check))
                .build();
    }

    private HealthCheckResponse check(HealthCheckRequest request) {
        ServingStatus status = server.isReady() ? ServingStatus.SERVING : ServingStatus.NOT_SERVING;
        return HealthCheckResponse.newBuilder().setStatus(status).build();
    }
}
