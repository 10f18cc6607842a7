@NullMarked
package io.nereid.backend.djl;

import org.jspecify.annotations.NullMarked;
