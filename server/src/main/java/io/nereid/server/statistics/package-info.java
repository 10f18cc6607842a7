/**
 * What models have done: durations and counts per version, as the statistics extension reports
 * them.
 */
@NullMarked
package io.nereid.server.statistics;

import org.jspecify.annotations.NullMarked;
