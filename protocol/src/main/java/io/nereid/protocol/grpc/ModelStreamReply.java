package io.nereid.protocol.grpc;

import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.WireFormat;
import io.nereid.protocol.InferenceResponse;
import io.nereid.protocol.Owned;
import io.nereid.protocol.SharedOutputs;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.InferParameter;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.ModelInferResponse;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.ModelStreamInferResponse;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A {@code ModelStreamInferResponse} (gRPC protocol sections 13 and 14). With outputs, it owns them
 * and writes them from tensor memory. Used by one thread at a time.
 */
public final class ModelStreamReply implements AutoCloseable {
    private static final String FINAL_RESPONSE = "triton_final_response";
    private static final int INFER_RESPONSE_TAG =
            ModelStreamInferResponse.INFER_RESPONSE_FIELD_NUMBER << 3
                    | WireFormat.WIRETYPE_LENGTH_DELIMITED;

    /**
     * What replies without outputs repeat of their request.
     *
     * @param id as sent, may be empty
     * @param modelVersion as sent, may be empty
     */
    public record Echo(String id, String modelName, String modelVersion) {}

    private final byte[] start;
    private final Optional<ModelInferReply> rest;
    private final int byteSize;
    private final AtomicBoolean closed = new AtomicBoolean();

    private ModelStreamReply(byte[] start, @Owned Optional<ModelInferReply> rest, int byteSize) {
        this.start = start;
        this.rest = rest;
        this.byteSize = byteSize;
    }

    /**
     * The message that carries a response.
     *
     * @param shared outputs that are written into shared memory now, borrowed
     * @param last whether the request ended with this response
     * @throws StatusException INVALID_ARG if it is larger than gRPC allows, INTERNAL if an output
     *     does not fit into its shared memory
     */
    public static @Owned ModelStreamReply response(
            @Owned InferenceResponse response, SharedOutputs shared, boolean last) {
        ModelInferReply reply =
                ModelInferReply.of(response, shared, Map.of(FINAL_RESPONSE, finalResponse(last)));
        boolean complete = false;
        try {
            byte[] start = start(reply.byteSize());
            int byteSize = ModelInferReply.checkedSize((long) start.length + reply.byteSize());
            complete = true;
            return new ModelStreamReply(start, Optional.of(reply), byteSize);
        } finally {
            if (!complete) {
                reply.close();
            }
        }
    }

    /** A request ended without a further response, and its client wants to be told. */
    public static ModelStreamReply emptyFinal(Echo request) {
        return message(
                ModelStreamInferResponse.newBuilder()
                        .setInferResponse(echo(request, true))
                        .build());
    }

    /**
     * A model failed.
     *
     * @param last whether the request ended with this failure
     */
    public static ModelStreamReply failed(Echo request, StatusException failure, boolean last) {
        return message(
                ModelStreamInferResponse.newBuilder()
                        .setErrorMessage(text(failure))
                        .setInferResponse(echo(request, last))
                        .build());
    }

    /**
     * A request was refused before any model saw it.
     *
     * @param id the request's, empty if it has none or could not be read
     */
    public static ModelStreamReply refused(String id, StatusException refusal) {
        return message(
                ModelStreamInferResponse.newBuilder()
                        .setErrorMessage(text(refusal))
                        .setInferResponse(ModelInferResponse.newBuilder().setId(id))
                        .build());
    }

    /** An empty text would say that all went well. */
    private static String text(StatusException failure) {
        return failure.text().isEmpty() ? failure.code().label() : failure.text();
    }

    private static ModelInferResponse.Builder echo(Echo request, boolean last) {
        return ModelInferResponse.newBuilder()
                .setId(request.id())
                .setModelName(request.modelName())
                .setModelVersion(request.modelVersion())
                .putParameters(FINAL_RESPONSE, finalResponse(last));
    }

    private static InferParameter finalResponse(boolean last) {
        return InferParameter.newBuilder().setBoolParam(last).build();
    }

    private static ModelStreamReply message(ModelStreamInferResponse message) {
        byte[] bytes = message.toByteArray();
        return new ModelStreamReply(bytes, Optional.empty(), bytes.length);
    }

    /** Tag and length of the response that follows. */
    private static byte[] start(int responseSize) {
        byte[] start =
                new byte
                        [CodedOutputStream.computeUInt32SizeNoTag(INFER_RESPONSE_TAG)
                                + CodedOutputStream.computeUInt32SizeNoTag(responseSize)];
        CodedOutputStream writer = CodedOutputStream.newInstance(start);
        try {
            writer.writeUInt32NoTag(INFER_RESPONSE_TAG);
            writer.writeUInt32NoTag(responseSize);
            writer.flush();
        } catch (IOException e) {
            throw new IllegalStateException("an array of " + start.length + " bytes is full", e);
        }
        return start;
    }

    /** Size of the whole message. */
    public int byteSize() {
        return byteSize;
    }

    /** Gives the outputs back. */
    @Override
    public void close() {
        if (!closed.compareAndSet(false, true)) {
            throw new IllegalStateException("stream reply closed twice");
        }
        rest.ifPresent(ModelInferReply::close);
    }

    /** Writes the message. */
    void writeTo(OutputStream target) throws IOException {
        target.write(start);
        if (rest.isPresent()) {
            rest.get().writeTo(target);
        }
    }
}
