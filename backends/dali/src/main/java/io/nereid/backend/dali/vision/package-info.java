/** Operators on pictures: decoding, resizing, cropping, warping, colour. */
@NullMarked
package io.nereid.backend.dali.vision;

import org.jspecify.annotations.NullMarked;
