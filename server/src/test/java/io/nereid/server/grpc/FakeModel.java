package io.nereid.server.grpc;

import io.nereid.backend.Model;
import io.nereid.protocol.InferenceRequest;
import io.nereid.protocol.InferenceResponse;
import io.nereid.protocol.ModelConfig;
import io.nereid.protocol.Owned;
import io.nereid.protocol.ResponseSender;
import io.nereid.protocol.Tensor;
import io.nereid.protocol.proto.ModelConfigProto;
import io.nereid.protocol.proto.ModelConfigProto.DataType;
import io.nereid.protocol.proto.ModelConfigProto.ModelInput;
import io.nereid.protocol.proto.ModelConfigProto.ModelOutput;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;

/** A model that does what a test says. The behaviour owns the request. */
record FakeModel(
        ModelConfig config, long version, BiConsumer<InferenceRequest, ResponseSender> behaviour)
        implements Model {
    @Override
    public void infer(@Owned InferenceRequest request, ResponseSender sender) {
        behaviour.accept(request, sender);
    }

    @Override
    public void close() {}

    /** X into Y of the same type and shape; any shape of two dimensions. */
    static ModelConfig identityConfig(String name, DataType type) {
        return ModelConfig.of(
                ModelConfigProto.ModelConfig.newBuilder()
                        .setName(name)
                        .setPlatform("onnxruntime_onnx")
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

    /** INPUT0 and INPUT1 into OUTPUT0 and OUTPUT1, all INT32. */
    static ModelConfig addSubConfig(String name, int maxBatchSize, long extent) {
        ModelConfigProto.ModelConfig.Builder config =
                ModelConfigProto.ModelConfig.newBuilder()
                        .setName(name)
                        .setPlatform("onnxruntime_onnx")
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

    /** Answers with the input's memory under the output's name. */
    static InferenceResponse echo(@Owned InferenceRequest request, long version) {
        Tensor output = request.input("X").orElseThrow().retain().withName("Y");
        String id = request.id();
        String name = request.modelName();
        request.close();
        return new InferenceResponse(id, name, version, Map.of(), List.of(output));
    }
}
