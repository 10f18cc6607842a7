/** Settings of tracing. */
@NullMarked
package io.nereid.server.trace;

import org.jspecify.annotations.NullMarked;
