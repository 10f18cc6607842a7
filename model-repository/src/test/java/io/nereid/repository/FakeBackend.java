package io.nereid.repository;

import io.nereid.backend.Backend;
import io.nereid.backend.BackendEnvironment;
import io.nereid.backend.BackendModel;
import io.nereid.backend.ModelFiles;
import io.nereid.protocol.ModelConfig;
import io.nereid.protocol.proto.ModelConfigProto;
import java.util.function.UnaryOperator;

/** An engine that completes configurations as a test says and opens nothing. */
final class FakeBackend implements Backend {
    private final String name;
    private final UnaryOperator<ModelConfigProto.ModelConfig> completion;

    FakeBackend(String name, UnaryOperator<ModelConfigProto.ModelConfig> completion) {
        this.name = name;
        this.completion = completion;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public void open(BackendEnvironment environment) {}

    @Override
    public int preferredCpuInstances() {
        return name.equals("onnxruntime") || name.equals("tensorflow") ? 2 : 1;
    }

    @Override
    public ModelConfigProto.ModelConfig complete(
            ModelConfigProto.ModelConfig config, ModelFiles files) {
        return completion.apply(config);
    }

    @Override
    public BackendModel openModel(ModelConfig config, ModelFiles files) {
        throw new UnsupportedOperationException("the fake loader makes models");
    }

    @Override
    public void close() {}
}
