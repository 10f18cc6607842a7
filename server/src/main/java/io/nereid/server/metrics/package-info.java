/**
 * The metrics port: what is counted anyway, in the text format of Prometheus under the reference's
 * names.
 */
@NullMarked
package io.nereid.server.metrics;

import org.jspecify.annotations.NullMarked;
