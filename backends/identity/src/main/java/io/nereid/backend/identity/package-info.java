@NullMarked
package io.nereid.backend.identity;

import org.jspecify.annotations.NullMarked;
