package io.nereid.backend.scheduler.data;

import io.nereid.protocol.TensorAllocator;
import java.nio.file.Path;

/**
 * Where the tensors come from that a model brings along.
 *
 * @param modelDirectory the model's directory
 * @param allocator memory for tensors
 */
public record ModelData(Path modelDirectory, TensorAllocator allocator) {
    /** Data of samples to warm up with (repository section 19). */
    public DataDirectory warmUp() {
        return new DataDirectory(
                modelDirectory.resolve("warmup"),
                allocator,
                "warmup",
                text -> "[request id: <id_unknown>] " + text);
    }

    /** Data that the states of sequences begin with (model-config section 7.2). */
    public DataDirectory initialStates() {
        return new DataDirectory(
                modelDirectory.resolve("initial_state"),
                allocator,
                "initial_state",
                text -> text + ".");
    }
}
