package io.nereid.backend;

import io.nereid.protocol.TensorAllocator;
import java.nio.file.Path;
import java.util.Map;

/**
 * What an engine may use.
 *
 * @param directory the engine's own directory, with its jars and a folder {@code native}
 * @param settings {@code --backend-config} of this engine, settings for all engines included
 * @param allocator memory for tensors
 * @param cores cores that the whole process may use
 */
public record BackendEnvironment(
        Path directory, Map<String, String> settings, TensorAllocator allocator, int cores) {

    /** Folder with the engine's native libraries. */
    public Path nativeDirectory() {
        return directory.resolve("native");
    }
}
