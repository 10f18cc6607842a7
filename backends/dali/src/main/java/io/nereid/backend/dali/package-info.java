/**
 * Executes serialized DALI pipelines on the CPU, in Java alone.
 *
 * <p>Start at {@link io.nereid.backend.dali.DaliBackend}. Below it, {@code pipeline} reads files
 * and runs graphs of operators; these lie in {@code vision}, {@code shape}, {@code arithmetic} and
 * {@code audio} and share the words of {@code operator} and {@code tensor}; {@code image} decodes
 * pictures.
 */
@NullMarked
package io.nereid.backend.dali;

import org.jspecify.annotations.NullMarked;
