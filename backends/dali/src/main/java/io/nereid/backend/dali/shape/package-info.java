/** Operators that move, join, cut and reinterpret elements without looking at their values. */
@NullMarked
package io.nereid.backend.dali.shape;

import org.jspecify.annotations.NullMarked;
