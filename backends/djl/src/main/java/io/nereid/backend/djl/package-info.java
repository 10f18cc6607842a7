/**
 * Any DJL engine behind the backend contract: {@code backend: "djl"} with the parameter {@code
 * engine}, or in place of a native backend.
 *
 * <p>Start with {@link io.nereid.backend.djl.DjlBackend}. Two class loaders meet here: this package
 * knows no DJL class; {@code io.nereid.backend.djl.engine} lies in a jar of its own, is loaded
 * together with DJL and one engine by {@link io.nereid.backend.djl.EngineClassLoader}, and is
 * reached through {@link io.nereid.backend.djl.DjlEngine} and {@link
 * io.nereid.backend.djl.LoadedModel} only.
 */
@NullMarked
package io.nereid.backend.djl;

import org.jspecify.annotations.NullMarked;
