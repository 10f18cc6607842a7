package io.nereid.backend.djl;

import static org.assertj.core.api.Assertions.assertThat;

import io.nereid.protocol.proto.ModelConfigProto.ModelConfig;
import io.nereid.protocol.proto.ModelConfigProto.ModelParameter;
import org.junit.jupiter.api.Test;

final class EngineChoiceTest {
    @Test
    void takesTheParameterInAnyLetterCase() {
        assertThat(EngineChoice.profile(djl("onnxRUNTIME"))).isEqualTo(EngineProfile.ONNX_RUNTIME);
        assertThat(EngineChoice.profile(djl("tensorflow"))).isEqualTo(EngineProfile.TENSORFLOW);
        assertThat(EngineChoice.profile(djl("pytorch"))).isEqualTo(EngineProfile.PYTORCH);
    }

    @Test
    void keepsTheNameOfAnEngineItDoesNotKnow() {
        EngineProfile profile = EngineChoice.profile(djl("XGBoost"));

        assertThat(profile.name()).isEqualTo("XGBoost");
        assertThat(profile.folder()).isEqualTo("xgboost");
        assertThat(profile.tellsSignature()).isFalse();
    }

    @Test
    void standsInForTheBackendOfTheConfiguration() {
        assertThat(EngineChoice.profile(ModelConfig.newBuilder().setBackend("tensorflow").build()))
                .isEqualTo(EngineProfile.TENSORFLOW);
        assertThat(EngineChoice.profile(ModelConfig.newBuilder().setBackend("onnxruntime").build()))
                .isEqualTo(EngineProfile.ONNX_RUNTIME);
        assertThat(
                        EngineChoice.profile(
                                ModelConfig.newBuilder()
                                        .setPlatform("tensorflow_savedmodel")
                                        .build()))
                .isEqualTo(EngineProfile.TENSORFLOW);
        assertThat(
                        EngineChoice.profile(
                                ModelConfig.newBuilder().setPlatform("onnxruntime_onnx").build()))
                .isEqualTo(EngineProfile.ONNX_RUNTIME);
    }

    @Test
    void readsTheFileThatTheConfigurationNames() {
        ModelConfig config = djl("OnnxRuntime");

        assertThat(EngineChoice.filename(config, EngineProfile.ONNX_RUNTIME))
                .isEqualTo("model.onnx");
        assertThat(
                        EngineChoice.filename(
                                config.toBuilder().setDefaultModelFilename("net.onnx").build(),
                                EngineProfile.ONNX_RUNTIME))
                .isEqualTo("net.onnx");
    }

    private static ModelConfig djl(String engine) {
        return ModelConfig.newBuilder()
                .setBackend("djl")
                .putParameters("engine", ModelParameter.newBuilder().setStringValue(engine).build())
                .build();
    }
}
