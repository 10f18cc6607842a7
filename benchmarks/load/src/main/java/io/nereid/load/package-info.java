/**
 * The load generator {@code nereid bench}: {@link io.nereid.load.BenchCommand} reads its command
 * line, {@link io.nereid.load.Bench} measures. It speaks the protocol as any client does and knows
 * nothing of the server that it is shipped with.
 */
@NullMarked
package io.nereid.load;

import org.jspecify.annotations.NullMarked;
