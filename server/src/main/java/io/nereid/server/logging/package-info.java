/** Settings of the log that can be changed while the server runs. */
@NullMarked
package io.nereid.server.logging;

import org.jspecify.annotations.NullMarked;
