/**
 * JMH benchmarks of the parts of the request line, run by {@code benchmarks/jmh/run}. They find
 * what a change of one part costs; what a request costs is measured by {@code benchmarks/run}.
 */
@NullMarked
package io.nereid.benchmarks.jmh;

import org.jspecify.annotations.NullMarked;
