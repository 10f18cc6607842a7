/** What flows through a pipeline: samples, their element types and the conversions between them. */
@NullMarked
package io.nereid.backend.dali.tensor;

import org.jspecify.annotations.NullMarked;
