/** Everything at once, for long, against the real server; and nothing lost, doubled or kept. */
@NullMarked
package io.nereid.server.stress;

import org.jspecify.annotations.NullMarked;
