/** Operators on sound (DALI section 14). */
@NullMarked
package io.nereid.backend.dali.audio;

import org.jspecify.annotations.NullMarked;
