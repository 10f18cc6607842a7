package io.nereid.load.client.grpc;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.CodedOutputStream;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.ModelInferResponse;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.ModelStreamInferResponse;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;

/**
 * What must be known of a {@code ModelStreamInferResponse}; tensors are passed over.
 *
 * @param error empty if all is well
 * @param id of the request
 * @param last whether the request has no further response
 * @param hasOutputs whether it carries anything
 */
record StreamReply(String error, String id, boolean last, boolean hasOutputs) {
    private static final String FINAL = "triton_final_response";
    private static final int TAG_TYPE_BITS = 3;

    /** Reads a message. */
    static StreamReply read(InputStream message) throws IOException {
        CodedInputStream in = CodedInputStream.newInstance(message);
        in.setSizeLimit(Integer.MAX_VALUE);
        String error = "";
        ModelInferResponse.Builder head = ModelInferResponse.newBuilder();
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            switch (tag >>> TAG_TYPE_BITS) {
                case ModelStreamInferResponse.ERROR_MESSAGE_FIELD_NUMBER -> error = in.readString();
                case ModelStreamInferResponse.INFER_RESPONSE_FIELD_NUMBER -> readHead(in, head);
                default -> skip(in, tag);
            }
        }
        boolean last =
                head.containsParameters(FINAL) && head.getParametersOrThrow(FINAL).getBoolParam();
        return new StreamReply(error, head.getId(), last, head.getOutputsCount() > 0);
    }

    private static void readHead(CodedInputStream in, ModelInferResponse.Builder head)
            throws IOException {
        int outer = in.pushLimit(in.readRawVarint32());
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            switch (tag >>> TAG_TYPE_BITS) {
                case ModelInferResponse.ID_FIELD_NUMBER -> head.setId(in.readString());
                case ModelInferResponse.PARAMETERS_FIELD_NUMBER -> {
                    ModelInferResponse one =
                            ModelInferResponse.parseFrom(field(tag, in.readByteArray()));
                    head.putAllParameters(one.getParametersMap());
                }
                case ModelInferResponse.OUTPUTS_FIELD_NUMBER -> {
                    head.addOutputsBuilder();
                    skip(in, tag);
                }
                default -> skip(in, tag);
            }
        }
        in.popLimit(outer);
    }

    private static void skip(CodedInputStream in, int tag) throws IOException {
        if (!in.skipField(tag)) {
            throw new IOException("the reply ends in the middle of a group");
        }
    }

    /** A message that has one field only. */
    private static byte[] field(int tag, byte[] value) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        CodedOutputStream out = CodedOutputStream.newInstance(bytes);
        out.writeUInt32NoTag(tag);
        out.writeByteArrayNoTag(value);
        out.flush();
        return bytes.toByteArray();
    }
}
