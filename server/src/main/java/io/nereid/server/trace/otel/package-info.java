/** Traces as spans of OpenTelemetry (metrics section 12). The only user of its SDK. */
@NullMarked
package io.nereid.server.trace.otel;

import org.jspecify.annotations.NullMarked;
