/**
 * Protobuf messages of inference into requests and answers back into protobuf (gRPC protocol
 * sections 8 to 12). Tensors that arrive as {@code raw_input_contents} stay where the message was
 * read to; raw outputs are written straight from tensor memory.
 *
 * <p>Start with {@link io.nereid.protocol.grpc.ModelInferMethod}, {@link
 * io.nereid.protocol.grpc.ModelInferDecoder} and {@link io.nereid.protocol.grpc.ModelInferReply}.
 * No sockets, no threads; this package depends on the words of {@code io.nereid.protocol}, on the
 * generated messages and on gRPC's API.
 */
@NullMarked
package io.nereid.protocol.grpc;

import org.jspecify.annotations.NullMarked;
