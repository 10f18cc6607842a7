/**
 * The contract between the server and its engines.
 *
 * <p>An engine implements {@link io.nereid.backend.Backend}, {@link io.nereid.backend.BackendModel}
 * and {@link io.nereid.backend.ModelInstance}; whatever answers requests is a {@link
 * io.nereid.backend.Model}. This package depends on the protocol's words only.
 */
@NullMarked
package io.nereid.backend;

import org.jspecify.annotations.NullMarked;
