@NullMarked
package io.nereid.ensemble;

import org.jspecify.annotations.NullMarked;
