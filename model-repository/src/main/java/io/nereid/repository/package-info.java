/**
 * Directories of models: which models and versions there are, what their configurations say, which
 * of them are loaded and ready.
 *
 * <p>Start with {@link io.nereid.repository.ModelRepository}. {@code ModelPoller} reads and checks
 * a configuration, {@code VersionOpener} has an engine complete it and opens a version, {@code
 * LoadOperation} does that for many models at a time, {@code ModelLifecycle} holds the states,
 * {@code ReadyModel} counts who holds a version. Requests to load and unload go through {@code
 * ModelOperations}: {@code LoadPlanner} finds out what is touched, {@code ModelChanges} lets
 * changes take turns, {@code KnownModels} remembers what is wanted and what needs what. What comes
 * from outside, engines and schedulers, comes through {@link io.nereid.repository.ModelLoader}.
 * Agents that see models come and go implement {@link io.nereid.repository.agent.RepositoryAgent};
 * {@code AgentChain} tells them. Depends on {@code io.nereid.backend} and {@code
 * io.nereid.protocol}.
 */
@NullMarked
package io.nereid.repository;

import org.jspecify.annotations.NullMarked;
