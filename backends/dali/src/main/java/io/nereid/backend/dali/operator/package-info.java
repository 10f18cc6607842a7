/** What an operator is: how it gets its arguments when a file is loaded and its samples later. */
@NullMarked
package io.nereid.backend.dali.operator;

import org.jspecify.annotations.NullMarked;
