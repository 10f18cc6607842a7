package io.nereid.server.grpc;

import com.google.protobuf.ByteString;
import io.nereid.protocol.ModelConfig;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.ModelInferRequest;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.ModelInferRequest.InferInputTensor;
import io.nereid.protocol.proto.ModelConfigProto;
import io.nereid.protocol.proto.ModelConfigProto.DataType;
import io.nereid.protocol.proto.ModelConfigProto.ModelInput;
import io.nereid.protocol.proto.ModelConfigProto.ModelOutput;
import io.nereid.protocol.proto.ModelConfigProto.ModelTransactionPolicy;
import io.nereid.protocol.proto.ModelConfigProto.ModelVersionPolicy;

/** Configurations of the models that gRPC tests ask. */
final class GrpcModels {
    private GrpcModels() {}

    /** X into Y of the same type and shape; any shape of two dimensions. */
    static ModelConfig identity(String name, DataType type) {
        return ModelConfig.of(
                ModelConfigProto.ModelConfig.newBuilder()
                        .setName(name)
                        .setPlatform("onnxruntime_onnx")
                        .setBackend("onnxruntime")
                        .setVersionPolicy(ModelVersionPolicy.getDefaultInstance())
                        .addInput(
                                ModelInput.newBuilder()
                                        .setName("X")
                                        .setDataType(type)
                                        .addDims(-1)
                                        .addDims(-1))
                        .addOutput(
                                ModelOutput.newBuilder()
                                        .setName("Y")
                                        .setDataType(type)
                                        .addDims(-1)
                                        .addDims(-1))
                        .build());
    }

    /** Asks an identity model of bytes for these. */
    static ModelInferRequest question(String model, ByteString data) {
        return ModelInferRequest.newBuilder()
                .setModelName(model)
                .addInputs(
                        InferInputTensor.newBuilder()
                                .setName("X")
                                .setDatatype("UINT8")
                                .addShape(1)
                                .addShape(data.size()))
                .addRawInputContents(data)
                .build();
    }

    /** The same as a decoupled model. */
    static ModelConfig decoupled(String name, DataType type) {
        return ModelConfig.of(
                identity(name, type).message().toBuilder()
                        .setModelTransactionPolicy(
                                ModelTransactionPolicy.newBuilder().setDecoupled(true))
                        .build());
    }

    /** IN, DELAY and WAIT into one OUT and IDX for each element of IN, as the repeat backend. */
    static ModelConfig repeat() {
        return ModelConfig.of(
                ModelConfigProto.ModelConfig.newBuilder()
                        .setName("repeat")
                        .setBackend("repeat")
                        .setVersionPolicy(ModelVersionPolicy.getDefaultInstance())
                        .setModelTransactionPolicy(
                                ModelTransactionPolicy.newBuilder().setDecoupled(true))
                        .addInput(input("IN", DataType.TYPE_INT32, -1))
                        .addInput(input("DELAY", DataType.TYPE_UINT32, -1))
                        .addInput(input("WAIT", DataType.TYPE_UINT32, 1))
                        .addOutput(output("OUT", DataType.TYPE_INT32))
                        .addOutput(output("IDX", DataType.TYPE_UINT32))
                        .build());
    }

    private static ModelInput.Builder input(String name, DataType type, long extent) {
        return ModelInput.newBuilder().setName(name).setDataType(type).addDims(extent);
    }

    private static ModelOutput.Builder output(String name, DataType type) {
        return ModelOutput.newBuilder().setName(name).setDataType(type).addDims(1);
    }

    /** INPUT0 and INPUT1 into OUTPUT0 and OUTPUT1, all INT32 of one dimension. */
    static ModelConfig addSub(String name, int maxBatchSize, long extent) {
        ModelConfigProto.ModelConfig.Builder config =
                ModelConfigProto.ModelConfig.newBuilder()
                        .setName(name)
                        .setPlatform("onnxruntime_onnx")
                        .setBackend("onnxruntime")
                        .setVersionPolicy(ModelVersionPolicy.getDefaultInstance())
                        .setMaxBatchSize(maxBatchSize);
        for (int i = 0; i < 2; i++) {
            config.addInput(
                    ModelInput.newBuilder()
                            .setName("INPUT" + i)
                            .setDataType(DataType.TYPE_INT32)
                            .addDims(extent));
            config.addOutput(
                    ModelOutput.newBuilder()
                            .setName("OUTPUT" + i)
                            .setDataType(DataType.TYPE_INT32)
                            .addDims(extent));
        }
        return ModelConfig.of(config.build());
    }

    /** SCORES into PROB, both FP32 of five elements, in batches. */
    static ModelConfig classify() {
        return ModelConfig.of(
                ModelConfigProto.ModelConfig.newBuilder()
                        .setName("classify")
                        .setPlatform("onnxruntime_onnx")
                        .setBackend("onnxruntime")
                        .setVersionPolicy(ModelVersionPolicy.getDefaultInstance())
                        .setMaxBatchSize(4)
                        .addInput(
                                ModelInput.newBuilder()
                                        .setName("SCORES")
                                        .setDataType(DataType.TYPE_FP32)
                                        .addDims(5))
                        .addOutput(
                                ModelOutput.newBuilder()
                                        .setName("PROB")
                                        .setDataType(DataType.TYPE_FP32)
                                        .addDims(5))
                        .build());
    }
}
