/**
 * What the bindings of native engines share: shared libraries, functions with handles made on first
 * use, scratch memory, and the comparison of a model's own inputs and outputs with its
 * configuration.
 *
 * <p>Depends on the engine contract and the protocol's words only.
 */
@NullMarked
package io.nereid.backend.foreign;

import org.jspecify.annotations.NullMarked;
