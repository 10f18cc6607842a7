/**
 * When which request is sent: {@link io.nereid.load.pace.Schedule} says when, {@link
 * io.nereid.load.pace.Course} which, and {@link io.nereid.load.pace.Driver} sends them on the lanes
 * of one loop and counts in a {@link io.nereid.load.pace.Tally} how they end.
 */
@NullMarked
package io.nereid.load.pace;

import org.jspecify.annotations.NullMarked;
