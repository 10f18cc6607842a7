/**
 * The words everyone uses: tensors and the memory they lie in, requests, responses, model
 * configurations, statuses. No threads, no sockets, no engines.
 *
 * <p>Start with {@link io.nereid.protocol.InferenceRequest}, {@link
 * io.nereid.protocol.InferenceResponse} and {@link io.nereid.protocol.TensorBuffer}. This package
 * depends on the generated protobuf messages and on nothing else.
 */
@NullMarked
package io.nereid.protocol;

import org.jspecify.annotations.NullMarked;
