/**
 * The load over gRPC: a call for each request, or a stream for each lane. Requests are encoded
 * once; of answers only what must be known is read.
 */
@NullMarked
package io.nereid.load.client.grpc;

import org.jspecify.annotations.NullMarked;
