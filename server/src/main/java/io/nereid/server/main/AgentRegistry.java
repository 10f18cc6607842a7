package io.nereid.server.main;

import io.nereid.repository.RepositoryAgents;
import io.nereid.repository.agent.RepositoryAgent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The repository agents of an agent directory, one folder each (repository section 17). No
 * directory means no agents but those that are built in.
 */
final class AgentRegistry implements AutoCloseable {
    private final ServiceFolders folders = new ServiceFolders();
    private final RepositoryAgents agents;

    AgentRegistry(Path directory) {
        List<RepositoryAgent> found =
                Files.isDirectory(directory)
                        ? folders.find(RepositoryAgent.class, directory).stream()
                                .map(ServiceFolders.Found::service)
                                .toList()
                        : List.of();
        this.agents = new RepositoryAgents(directory, found);
    }

    RepositoryAgents agents() {
        return agents;
    }

    /** No model is attended any more. */
    @Override
    public void close() {
        folders.close();
    }
}
