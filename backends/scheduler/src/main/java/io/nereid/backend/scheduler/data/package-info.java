/** Tensor bytes that come with a model: zeros, and the files in directories beside its versions. */
@NullMarked
package io.nereid.backend.scheduler.data;

import org.jspecify.annotations.NullMarked;
