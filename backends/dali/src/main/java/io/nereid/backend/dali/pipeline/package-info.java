/** Pipeline files, the graph they describe, and its execution over a batch of samples. */
@NullMarked
package io.nereid.backend.dali.pipeline;

import org.jspecify.annotations.NullMarked;
