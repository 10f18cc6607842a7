/**
 * The only package that uses DJL. Loaded once per engine, by a class loader that holds DJL and that
 * engine; the rest of the server sees {@link io.nereid.backend.djl.DjlEngine}.
 */
@NullMarked
package io.nereid.backend.djl.engine;

import org.jspecify.annotations.NullMarked;
