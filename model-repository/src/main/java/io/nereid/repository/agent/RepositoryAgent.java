package io.nereid.repository.agent;

import io.nereid.protocol.Owned;

/**
 * Sees the models that name it in {@code model_repository_agents} before they are loaded, and until
 * they have been unloaded (repository section 17). Found with {@link java.util.ServiceLoader}: a
 * jar names its agents in {@code META-INF/services} and lies in a folder of the agent directory.
 *
 * <p>Called on: control threads, several at a time. May block.
 */
public interface RepositoryAgent {
    /** Name that configurations use. */
    String name();

    /**
     * Action LOAD: a model that names this agent is about to be read. Agents are called in the
     * order of the configuration; each sees the location that the one before it left.
     *
     * @return attends the model until it fails to load or has been unloaded
     * @throws io.nereid.protocol.StatusException if the model must not be loaded, with the reason
     *     for the log; agents before this one are told that the load failed
     */
    @Owned
    AttendedModel load(AgentRequest request);
}
