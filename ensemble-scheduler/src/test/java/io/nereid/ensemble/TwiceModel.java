package io.nereid.ensemble;

import io.nereid.backend.Model;
import io.nereid.protocol.InferenceRequest;
import io.nereid.protocol.InferenceResponse;
import io.nereid.protocol.ModelConfig;
import io.nereid.protocol.Owned;
import io.nereid.protocol.ResponseSender;
import io.nereid.protocol.Tensor;
import java.util.List;
import java.util.Map;

/** Answers every request two times with its input. */
final class TwiceModel implements Model {
    private final ModelConfig config;

    TwiceModel(ModelConfig config) {
        this.config = config;
    }

    @Override
    public ModelConfig config() {
        return config;
    }

    @Override
    public long version() {
        return 1;
    }

    @Override
    public void infer(@Owned InferenceRequest request, ResponseSender sender) {
        Tensor input = request.input("IN").orElseThrow().withName("OUT");
        Tensor first = input.retain();
        Tensor second = input.retain();
        request.close();
        sender.send(new InferenceResponse("", "twice", 1, Map.of(), List.of(first)), false);
        sender.send(new InferenceResponse("", "twice", 1, Map.of(), List.of(second)), true);
    }

    @Override
    public void close() {}
}
