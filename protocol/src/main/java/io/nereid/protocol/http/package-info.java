/**
 * The bodies of {@code POST .../infer}: JSON and binary tensors into an {@link
 * io.nereid.protocol.InferenceRequest} and an {@link io.nereid.protocol.InferenceResponse} back
 * into bytes (HTTP protocol sections 11 to 13, 15 and 21).
 *
 * <p>Start with {@link io.nereid.protocol.http.HttpInferDecoder} and {@link
 * io.nereid.protocol.http.HttpInferEncoder}. Both work on native memory from end to end: one cursor
 * reads the JSON in place, one writer fills native blocks, and binary tensors are slices of the
 * body. A usual body is read in one pass; the careful way that knows which error is told first is
 * taken by all others. No sockets, no threads; this package depends on the words of {@code
 * io.nereid.protocol} and on nothing else.
 */
@NullMarked
package io.nereid.protocol.http;

import org.jspecify.annotations.NullMarked;
