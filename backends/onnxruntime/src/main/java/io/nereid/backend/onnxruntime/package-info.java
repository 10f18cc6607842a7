/**
 * ONNX models, run by ONNX Runtime through its C API.
 *
 * <p>{@link io.nereid.backend.onnxruntime.OnnxRuntimeBackend} is where to start; {@code OrtTable}
 * is the C API's table of functions, {@code OrtSession} an opened model, {@code OrtInstance} what
 * executes batches. Tensors are read and written where they lie. Engine types stay in this package.
 */
@NullMarked
package io.nereid.backend.onnxruntime;

import org.jspecify.annotations.NullMarked;
