/**
 * The gRPC front end: the services {@code inference.GRPCInferenceService}, {@code
 * grpc.health.v1.Health} and server reflection on the event loops that all front ends share.
 *
 * <p>Start with {@link io.nereid.server.grpc.GrpcFrontend}. Everything of a call runs on the event
 * loop of its connection; answers of models come back to it as one task. Knows {@code
 * io.nereid.server} and {@code io.nereid.protocol.grpc}, and no other front end.
 */
@NullMarked
package io.nereid.server.grpc;

import org.jspecify.annotations.NullMarked;
