package io.nereid.repository;

import io.nereid.protocol.Owned;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.proto.ModelConfigProto.ModelConfig;
import io.nereid.protocol.proto.ModelConfigProto.ModelRepositoryAgents;
import io.nereid.repository.agent.AgentRequest;
import io.nereid.repository.agent.AttendedModel;
import io.nereid.repository.agent.RepositoryAgent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The repository agents that configurations may name (repository section 17): {@code checksum},
 * which is built in, and those that were found. Immutable, any thread.
 */
public final class RepositoryAgents {
    /** Where the reference looks for agents. */
    public static final Path DEFAULT_DIRECTORY = Path.of("/opt/tritonserver/repoagents");

    private final Path directory;
    private final Map<String, RepositoryAgent> agents = new HashMap<>();

    /**
     * @param directory where the agents were looked for, for the reason when one is missing
     * @param found agents that are not built in; one of the name of another takes its place
     */
    public RepositoryAgents(Path directory, Collection<RepositoryAgent> found) {
        this.directory = directory;
        add(new ChecksumAgent());
        found.forEach(this::add);
    }

    /** What is built in, and nothing else. */
    public static RepositoryAgents builtIn() {
        return new RepositoryAgents(DEFAULT_DIRECTORY, List.of());
    }

    private void add(RepositoryAgent agent) {
        agents.put(agent.name(), agent);
    }

    /**
     * Lets every agent that a configuration names look at its model, in order. Blocks.
     *
     * @throws StatusException if an agent refuses the model or does not exist; those before it have
     *     been told
     */
    @Owned
    AgentChain load(ModelConfig config, ModelLocation.OnDisk origin) {
        ModelRepositoryAgents named = config.getModelRepositoryAgents();
        if (named.getAgentsCount() == 0) {
            return AgentChain.NONE;
        }
        List<AttendedModel> attended = new ArrayList<>();
        boolean complete = false;
        try {
            Path location = origin.directory();
            for (ModelRepositoryAgents.Agent agent : named.getAgentsList()) {
                AttendedModel model =
                        find(agent.getName())
                                .load(new AgentRequest(location, agent.getParametersMap(), config));
                attended.add(model);
                location = model.location();
                if (!Files.isDirectory(location)) {
                    throw StatusException.invalidArgument(
                            "repo agent '"
                                    + agent.getName()
                                    + "' reads the model from '"
                                    + location
                                    + "', which is not a directory");
                }
            }
            complete = true;
            return new AgentChain(origin, location, attended);
        } finally {
            if (!complete) {
                new AgentChain(origin, origin.directory(), attended).close();
            }
        }
    }

    private RepositoryAgent find(String name) {
        RepositoryAgent agent = agents.get(name);
        if (agent == null) {
            throw StatusException.invalidArgument(
                    "unable to find 'libtritonrepoagent_"
                            + name
                            + ".so' for repo agent '"
                            + name
                            + "', searched: "
                            + directory.resolve(name));
        }
        return agent;
    }
}
