@NullMarked
package io.nereid.backend.tensorflow;

import org.jspecify.annotations.NullMarked;
