/**
 * Starts what is measured, puts load on it with wrk and h2load, and reads what it costs from {@code
 * /proc}.
 */
@NullMarked
package io.nereid.benchmarks.load;

import org.jspecify.annotations.NullMarked;
