package io.nereid.repository;

import io.nereid.protocol.StatusException;
import io.nereid.repository.agent.AgentRequest;
import io.nereid.repository.agent.AttendedModel;
import io.nereid.repository.agent.RepositoryAgent;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * An agent that notes what it is told. Parameter {@code refuse} has it refuse the model, {@code
 * move} has it read the model from elsewhere.
 *
 * @param name its name
 * @param told what happened, in order
 */
record RecordingAgent(String name, List<String> told) implements RepositoryAgent {
    /** Agents that write into the same list. */
    static List<RepositoryAgent> of(List<String> told, String... names) {
        return List.of(names).stream()
                .map(name -> (RepositoryAgent) new RecordingAgent(name, told))
                .toList();
    }

    static List<String> noted() {
        return new CopyOnWriteArrayList<>();
    }

    @Override
    public AttendedModel load(AgentRequest request) {
        note("LOAD " + request.location().getFileName());
        String reason = request.parameters().getOrDefault("refuse", "");
        if (!reason.isEmpty()) {
            throw StatusException.invalidArgument(reason);
        }
        String moved = request.parameters().getOrDefault("move", "");
        return new Attended(moved.isEmpty() ? request.location() : Path.of(moved));
    }

    private void note(String action) {
        told.add(name + " " + action);
    }

    private final class Attended implements AttendedModel {
        private final Path location;

        Attended(Path location) {
            this.location = location;
        }

        @Override
        public Path location() {
            return location;
        }

        @Override
        public void loadComplete() {
            note("LOAD_COMPLETE");
        }

        @Override
        public void loadFailed() {
            note("LOAD_FAIL");
        }

        @Override
        public void unload() {
            note("UNLOAD");
        }

        @Override
        public void unloadComplete() {
            note("UNLOAD_COMPLETE");
        }
    }
}
