package io.nereid.backend.djl;

import io.nereid.backend.Device;
import java.nio.file.Path;
import java.util.Map;

/**
 * A model to describe or to load.
 *
 * @param modelName name in texts to people
 * @param file model file or directory
 * @param device where it computes
 * @param threads threads inside one operation where the configuration names no number
 * @param parameters the configuration's parameters
 */
public record LoadRequest(
        String modelName, Path file, Device device, int threads, Map<String, String> parameters) {
    /** The same model on another device. */
    LoadRequest on(Device other) {
        return new LoadRequest(modelName, file, other, threads, parameters);
    }
}
