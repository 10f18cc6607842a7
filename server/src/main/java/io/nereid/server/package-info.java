@NullMarked
package io.nereid.server;

import org.jspecify.annotations.NullMarked;
