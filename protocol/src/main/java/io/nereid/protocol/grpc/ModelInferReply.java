package io.nereid.protocol.grpc;

import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.WireFormat;
import io.nereid.protocol.InferenceResponse;
import io.nereid.protocol.Owned;
import io.nereid.protocol.Parameter;
import io.nereid.protocol.SharedOutputs;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.Tensor;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.InferParameter;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.ModelInferResponse;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.ModelInferResponse.InferOutputTensor;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A {@code ModelInferResponse} whose raw contents are still in tensor memory (gRPC protocol section
 * 11). Owns the response. Used by one thread at a time.
 */
public final class ModelInferReply implements AutoCloseable {
    private static final int RAW_CONTENTS_TAG =
            ModelInferResponse.RAW_OUTPUT_CONTENTS_FIELD_NUMBER << 3
                    | WireFormat.WIRETYPE_LENGTH_DELIMITED;

    private final InferenceResponse response;
    private final SharedOutputs shared;
    private final byte[] header;
    private final int byteSize;
    private final AtomicBoolean closed = new AtomicBoolean();

    private ModelInferReply(
            @Owned InferenceResponse response, SharedOutputs shared, byte[] header, int byteSize) {
        this.response = response;
        this.shared = shared;
        this.header = header;
        this.byteSize = byteSize;
    }

    /** The message that carries a response with all its outputs. */
    public static @Owned ModelInferReply of(@Owned InferenceResponse response) {
        return of(response, SharedOutputs.NONE);
    }

    /**
     * The message that carries a response, of which some outputs are written into shared memory
     * now.
     *
     * @param shared borrowed
     * @throws StatusException INVALID_ARG if the message is larger than gRPC allows, INTERNAL if an
     *     output does not fit into its shared memory
     */
    public static @Owned ModelInferReply of(
            @Owned InferenceResponse response, SharedOutputs shared) {
        return of(response, shared, Map.of());
    }

    /** The same with parameters besides those of the response. */
    static @Owned ModelInferReply of(
            @Owned InferenceResponse response,
            SharedOutputs shared,
            Map<String, InferParameter> more) {
        boolean complete = false;
        try {
            shared.write(response.outputs());
            byte[] header = header(response).putAllParameters(more).build().toByteArray();
            ModelInferReply reply =
                    new ModelInferReply(
                            response, shared, header, byteSize(header, response, shared));
            complete = true;
            return reply;
        } finally {
            if (!complete) {
                response.close();
            }
        }
    }

    /** Size of the whole message. */
    public int byteSize() {
        return byteSize;
    }

    /** Gives the outputs back. */
    @Override
    public void close() {
        if (!closed.compareAndSet(false, true)) {
            throw new IllegalStateException("infer reply closed twice");
        }
        response.close();
    }

    /** Writes the message. */
    void writeTo(OutputStream target) throws IOException {
        ChunkWriter writer = new ChunkWriter(target, byteSize);
        writeTo(writer);
        writer.flush();
    }

    /** Writes the message. */
    public <X extends Exception> void writeTo(MessageSink<X> target) throws X {
        target.write(header);
        for (Tensor output : response.outputs()) {
            target.writeVarint(RAW_CONTENTS_TAG);
            long bytes = messageBytes(output, shared);
            target.writeVarint((int) bytes);
            if (bytes > 0) {
                target.write(output.buffer());
            }
        }
    }

    /** Outputs in shared memory have an entry too, so that entries are found by position. */
    private static long messageBytes(Tensor output, SharedOutputs shared) {
        return shared.contains(output.name()) ? 0 : output.buffer().byteSize();
    }

    private static int byteSize(byte[] header, InferenceResponse response, SharedOutputs shared) {
        long size = header.length;
        for (Tensor output : response.outputs()) {
            long bytes = messageBytes(output, shared);
            size +=
                    CodedOutputStream.computeUInt32SizeNoTag(RAW_CONTENTS_TAG)
                            + CodedOutputStream.computeUInt64SizeNoTag(bytes)
                            + bytes;
        }
        return checkedSize(size);
    }

    /**
     * The size, if gRPC can carry it.
     *
     * @throws StatusException INVALID_ARG if not
     */
    static int checkedSize(long size) {
        if (size > Integer.MAX_VALUE) {
            throw StatusException.invalidArgument(
                    "Response has byte size "
                            + size
                            + " which exceeds gRPC's byte size limit "
                            + Integer.MAX_VALUE
                            + ".");
        }
        return (int) size;
    }

    private static ModelInferResponse.Builder header(InferenceResponse response) {
        ModelInferResponse.Builder header =
                ModelInferResponse.newBuilder()
                        .setModelName(response.modelName())
                        .setModelVersion(Long.toString(response.modelVersion()))
                        .setId(response.id());
        response.parameters().forEach((key, value) -> header.putParameters(key, parameter(value)));
        for (Tensor output : response.outputs()) {
            InferOutputTensor.Builder tensor =
                    header.addOutputsBuilder()
                            .setName(output.name())
                            .setDatatype(output.type().wireName());
            for (int i = 0; i < output.shape().rank(); i++) {
                tensor.addShape(output.shape().dim(i));
            }
        }
        return header;
    }

    private static InferParameter parameter(Parameter parameter) {
        InferParameter.Builder message = InferParameter.newBuilder();
        switch (parameter) {
            case Parameter.BoolValue(boolean value) -> message.setBoolParam(value);
            case Parameter.Int64Value(long value) -> message.setInt64Param(value);
            case Parameter.UInt64Value(long value) -> message.setUint64Param(value);
            case Parameter.DoubleValue(double value) -> message.setDoubleParam(value);
            case Parameter.StringValue(String value) -> message.setStringParam(value);
        }
        return message.build();
    }
}
