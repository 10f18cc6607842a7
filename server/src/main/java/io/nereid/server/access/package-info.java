/** The access log: one line for each call of a client. */
@NullMarked
package io.nereid.server.access;

import org.jspecify.annotations.NullMarked;
