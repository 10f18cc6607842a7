/**
 * What a repository agent is: a plug-in that sees a model before and after it is loaded and
 * unloaded (repository section 17). Begin with {@link io.nereid.repository.agent.RepositoryAgent}.
 * Depends on the protocol's words only.
 */
@NullMarked
package io.nereid.repository.agent;

import org.jspecify.annotations.NullMarked;
