package io.nereid.server;

import io.nereid.backend.Model;
import io.nereid.protocol.InferenceRequest;
import io.nereid.protocol.InferenceResponse;
import io.nereid.protocol.ModelConfig;
import io.nereid.protocol.Owned;
import io.nereid.protocol.ResponseSender;
import io.nereid.protocol.Tensor;
import io.nereid.protocol.proto.ModelConfigProto;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;

/** A model whose answer is a function. */
public final class FakeModel implements Model {
    private final ModelConfig config;
    private final long version;
    private final BiConsumer<InferenceRequest, ResponseSender> answer;

    public FakeModel(
            ModelConfig config, long version, BiConsumer<InferenceRequest, ResponseSender> answer) {
        this.config = config;
        this.version = version;
        this.answer = answer;
    }

    /**
     * A model with inputs {@code X...} and outputs {@code Y...} of type INT32, {@code [16]} each.
     */
    public static ModelConfig config(String name, int maxBatchSize, int tensors) {
        return ModelConfig.of(message(name, maxBatchSize, tensors).build());
    }

    public static ModelConfigProto.ModelConfig.Builder message(
            String name, int maxBatchSize, int tensors) {
        ModelConfigProto.ModelConfig.Builder message =
                ModelConfigProto.ModelConfig.newBuilder()
                        .setName(name)
                        .setBackend("identity")
                        .setMaxBatchSize(maxBatchSize);
        message.getVersionPolicyBuilder().getLatestBuilder().setNumVersions(1);
        for (int i = 0; i < tensors; i++) {
            message.addInputBuilder()
                    .setName("X" + i)
                    .setDataType(ModelConfigProto.DataType.TYPE_INT32)
                    .addDims(16);
            message.addOutputBuilder()
                    .setName("Y" + i)
                    .setDataType(ModelConfigProto.DataType.TYPE_INT32)
                    .addDims(16);
        }
        return message;
    }

    /** The configuration of an ensemble of one step. */
    public static ModelConfig ensemble(String name) {
        ModelConfigProto.ModelConfig.Builder message =
                message(name, 0, 1).clearBackend().setPlatform("ensemble");
        message.getEnsembleSchedulingBuilder()
                .addStepBuilder()
                .setModelName("step")
                .setModelVersion(-1)
                .putInputMap("X0", "X0")
                .putOutputMap("Y0", "Y0");
        return ModelConfig.of(message.build());
    }

    /** Answers every request with its inputs, on the calling thread. */
    public static FakeModel echo(ModelConfig config, long version) {
        return new FakeModel(
                config, version, (request, sender) -> sender.send(echoOf(request, version), true));
    }

    /** The answer that repeats the inputs as outputs; ends the request. */
    public static @Owned InferenceResponse echoOf(@Owned InferenceRequest request, long version) {
        List<Tensor> outputs = new ArrayList<>();
        for (Tensor input : request.inputs()) {
            outputs.add(input.retain().withName(input.name().replace('X', 'Y')));
        }
        InferenceResponse response =
                new InferenceResponse(
                        request.id(), request.modelName(), version, Map.of(), outputs);
        request.close();
        return response;
    }

    @Override
    public ModelConfig config() {
        return config;
    }

    @Override
    public long version() {
        return version;
    }

    @Override
    public void infer(@Owned InferenceRequest request, ResponseSender sender) {
        answer.accept(request, sender);
    }

    @Override
    public void close() {}
}
