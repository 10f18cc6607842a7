/**
 * The models that are measured and the requests to them, made without any tool: {@link
 * io.nereid.benchmarks.models.BenchmarkModels} and {@link io.nereid.benchmarks.models.Requests}.
 */
@NullMarked
package io.nereid.benchmarks.models;

import org.jspecify.annotations.NullMarked;
