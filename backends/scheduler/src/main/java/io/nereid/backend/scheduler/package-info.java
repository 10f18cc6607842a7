@NullMarked
package io.nereid.backend.scheduler;

import org.jspecify.annotations.NullMarked;
