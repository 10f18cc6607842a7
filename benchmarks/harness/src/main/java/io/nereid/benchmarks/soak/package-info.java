/**
 * The long run behind {@code benchmarks/soak}: {@link io.nereid.benchmarks.soak.Soak} loads a
 * server for an hour, looks at it again and again, and fails if {@link
 * io.nereid.benchmarks.soak.Growth} finds that it has grown.
 */
@NullMarked
package io.nereid.benchmarks.soak;

import org.jspecify.annotations.NullMarked;
