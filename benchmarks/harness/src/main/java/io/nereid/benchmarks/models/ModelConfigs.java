package io.nereid.benchmarks.models;

import com.google.protobuf.TextFormat;
import io.nereid.protocol.ModelConfig;
import io.nereid.protocol.proto.ModelConfigProto;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Configurations of the models, without a repository around them. */
public final class ModelConfigs {
    private ModelConfigs() {}

    /** The configuration of a model as a repository hands it on; it must be complete. */
    public static ModelConfig read(Path repository, String model) throws IOException {
        ModelConfigProto.ModelConfig.Builder builder =
                ModelConfigProto.ModelConfig.newBuilder().setName(model);
        TextFormat.merge(Files.readString(repository.resolve(model, "config.pbtxt")), builder);
        builder.getVersionPolicyBuilder().getLatestBuilder().setNumVersions(1);
        return ModelConfig.of(builder.build());
    }
}
