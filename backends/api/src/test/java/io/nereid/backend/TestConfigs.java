package io.nereid.backend;

import com.google.protobuf.TextFormat;
import io.nereid.protocol.ModelConfig;
import io.nereid.protocol.proto.ModelConfigProto;

/** Model configurations for tests. */
public final class TestConfigs {
    private TestConfigs() {}

    /** The configuration that this text in protobuf's text format describes. */
    public static ModelConfig parse(String text) {
        try {
            ModelConfigProto.ModelConfig.Builder builder =
                    ModelConfigProto.ModelConfig.newBuilder();
            TextFormat.merge(text, builder);
            return ModelConfig.of(builder.build());
        } catch (TextFormat.ParseException e) {
            throw new AssertionError("wrong configuration in a test: " + text, e);
        }
    }
}
