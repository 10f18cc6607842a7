@NullMarked
package io.nereid.backend.onnxruntime;

import org.jspecify.annotations.NullMarked;
