/**
 * How what is measured of a model's requests is distributed: histograms, and summaries with
 * quantiles. {@link io.nereid.server.measures.VersionMeasures} is where the counters of a version
 * pass durations on.
 */
@NullMarked
package io.nereid.server.measures;

import org.jspecify.annotations.NullMarked;
