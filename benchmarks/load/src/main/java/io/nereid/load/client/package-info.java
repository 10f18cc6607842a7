/**
 * Ways to a server: {@link io.nereid.load.client.Lane}, a place for one request at a time, {@link
 * io.nereid.load.client.Transport}, which opens lanes, and {@link io.nereid.load.client.ServerApi},
 * questions beside the load. Over HTTP in {@code .http}, over gRPC in {@code .grpc}.
 */
@NullMarked
package io.nereid.load.client;

import org.jspecify.annotations.NullMarked;
