/** The forms in which the findings of {@code nereid validate} are printed. */
@NullMarked
package io.nereid.server.main.validation;

import org.jspecify.annotations.NullMarked;
