package io.nereid.backend;

import com.google.protobuf.TextFormat;
import io.nereid.protocol.ModelConfig;
import io.nereid.protocol.proto.ModelConfigProto;

/** Model configurations for tests. */
public final class TestConfigs {
    private TestConfigs() {}

    /**
     * The configuration that this text in protobuf's text format describes. Backend and version
     * policy may be left out.
     */
    public static ModelConfig parse(String text) {
        try {
            ModelConfigProto.ModelConfig.Builder builder =
                    ModelConfigProto.ModelConfig.newBuilder();
            TextFormat.merge(text, builder);
            if (builder.getBackend().isEmpty() && builder.getPlatform().isEmpty()) {
                builder.setBackend("fake");
            }
            builder.getVersionPolicyBuilder().getLatestBuilder().setNumVersions(1);
            return ModelConfig.of(builder.build());
        } catch (TextFormat.ParseException e) {
            throw new AssertionError("wrong configuration in a test: " + text, e);
        }
    }
}
