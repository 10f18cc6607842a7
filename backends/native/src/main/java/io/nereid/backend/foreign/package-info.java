@NullMarked
package io.nereid.backend.foreign;

import org.jspecify.annotations.NullMarked;
