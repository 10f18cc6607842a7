package io.nereid.repository;

import java.util.Map;
import java.util.Optional;

/**
 * What a load request brings along in place of what is in the repository (http 6.2).
 *
 * @param config a model configuration as JSON
 * @param files contents by path relative to the model's directory, such as {@code 1/model.onnx}
 */
public record ModelOverride(Optional<String> config, Map<String, byte[]> files) {
    /** What is in the repository counts. */
    public static final ModelOverride NONE = new ModelOverride(Optional.empty(), Map.of());
}
