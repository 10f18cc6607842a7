/** Encoded pictures to pixels with the numerics of DALI's CPU decoders (DALI section 6). */
@NullMarked
package io.nereid.backend.dali.image;

import org.jspecify.annotations.NullMarked;
