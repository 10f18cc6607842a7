/**
 * Directories of models: which models and versions there are, what their configurations say, which
 * of them are loaded and ready.
 *
 * <p>Start with {@link io.nereid.repository.ModelRepository}. {@code ModelPoller} reads and checks
 * a configuration, {@code VersionOpener} has an engine complete it and opens a version, {@code
 * LoadOperation} does that for many models at a time, {@code ModelLifecycle} holds the states. What
 * comes from outside, engines and schedulers, comes through {@link
 * io.nereid.repository.ModelLoader}. Depends on {@code io.nereid.backend} and {@code
 * io.nereid.protocol}.
 */
@NullMarked
package io.nereid.repository;

import org.jspecify.annotations.NullMarked;
