/**
 * The benchmark behind {@code benchmarks/run}: {@link io.nereid.benchmarks.Benchmark} lets Nereid,
 * the limit programs and the Java peer take turns at the {@link io.nereid.benchmarks.Rows} and
 * writes what it has measured.
 *
 * <p>Nothing depends on this module, and it needs nothing that the distribution does not have.
 */
@NullMarked
package io.nereid.benchmarks;

import org.jspecify.annotations.NullMarked;
