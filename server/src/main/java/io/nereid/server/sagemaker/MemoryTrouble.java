package io.nereid.server.sagemaker;

import io.nereid.protocol.StatusException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Tells failures for want of memory, after which the platform makes room (SageMaker 8.3). */
final class MemoryTrouble {
    private static final List<String> SIGNS =
            List.of(
                    "CUDA out of memory",
                    "CUDA_OUT_OF_MEMORY",
                    "Out of memory",
                    "Out Of Memory",
                    "out of memory",
                    "MemoryError",
                    "OutOfMemory",
                    "OOM",
                    "Dst tensor is not initialized",
                    "Src tensor is not initialized",
                    "CNMEM_STATUS_OUT_OF_MEMORY",
                    "CUDNN_STATUS_NOT_INITIALIZED",
                    "CUBLAS_STATUS_ALLOC_FAILED",
                    "CUBLAS_STATUS_NOT_INITIALIZED",
                    "Failed to allocate memory",
                    "failed to allocate memory",
                    "No space left on device",
                    "memory limit set for KIND_GPU");

    private MemoryTrouble() {}

    /**
     * Whether a failure says that memory is short. Names of models are not searched.
     *
     * @param model name whose quoted form is left out
     */
    static boolean isCauseOf(StatusException failure, String model) {
        String text = failure.text().replace("'" + model + "'", "''");
        return SIGNS.stream().anyMatch(text::contains) || isOutOfMemory(failure.getCause());
    }

    private static boolean isOutOfMemory(@Nullable Throwable cause) {
        for (Throwable each = cause; each != null; each = each.getCause()) {
            if (each instanceof OutOfMemoryError) {
                return true;
            }
        }
        return false;
    }
}
