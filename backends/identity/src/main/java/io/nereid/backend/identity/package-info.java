/**
 * The two example backends: {@link io.nereid.backend.identity.IdentityBackend} answers with its
 * inputs, {@link io.nereid.backend.identity.RepeatBackend} answers one request many times.
 */
@NullMarked
package io.nereid.backend.identity;

import org.jspecify.annotations.NullMarked;
