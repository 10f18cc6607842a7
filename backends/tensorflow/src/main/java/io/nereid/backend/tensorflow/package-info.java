/**
 * TensorFlow models (SavedModel and GraphDef), run by TensorFlow through its C API.
 *
 * <p>{@link io.nereid.backend.tensorflow.TensorFlowBackend} is where to start; {@code TfLibrary} is
 * the C API, {@code TfSession} an opened model, {@code TfInstance} what executes batches. Tensors
 * are read and written where they lie. Engine types stay in this package.
 */
@NullMarked
package io.nereid.backend.tensorflow;

import org.jspecify.annotations.NullMarked;
