/** Element-wise arithmetic, reductions and normalization. */
@NullMarked
package io.nereid.backend.dali.arithmetic;

import org.jspecify.annotations.NullMarked;
