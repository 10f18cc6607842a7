/** Traces as files in the reference's format (metrics sections 10 and 11). */
@NullMarked
package io.nereid.server.trace.file;

import org.jspecify.annotations.NullMarked;
