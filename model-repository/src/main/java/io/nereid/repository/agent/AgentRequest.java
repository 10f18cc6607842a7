package io.nereid.repository.agent;

import io.nereid.protocol.proto.ModelConfigProto.ModelConfig;
import java.nio.file.Path;
import java.util.Map;

/**
 * A model that an agent is to look at.
 *
 * @param location the model's directory, as agents before this one have left it; must not be
 *     written to unless the agent has made it
 * @param parameters what the configuration says to this agent
 * @param config the configuration as it was read, not yet completed
 */
public record AgentRequest(Path location, Map<String, String> parameters, ModelConfig config) {
    /** Copies the parameters. */
    public AgentRequest {
        parameters = Map.copyOf(parameters);
    }
}
