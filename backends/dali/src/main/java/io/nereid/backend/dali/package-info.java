@NullMarked
package io.nereid.backend.dali;

import org.jspecify.annotations.NullMarked;
