@NullMarked
package io.nereid.protocol.http;

import org.jspecify.annotations.NullMarked;
