@NullMarked
package io.nereid.repository;

import org.jspecify.annotations.NullMarked;
