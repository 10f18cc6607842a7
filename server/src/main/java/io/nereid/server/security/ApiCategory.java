package io.nereid.server.security;

import java.util.Arrays;
import java.util.Optional;

/** Groups of endpoints that can be restricted (http section 19). */
public enum ApiCategory {
    HEALTH("health"),
    METADATA("metadata"),
    INFERENCE("inference"),
    SHARED_MEMORY("shared-memory"),
    MODEL_CONFIG("model-config"),
    MODEL_REPOSITORY("model-repository"),
    STATISTICS("statistics"),
    TRACE("trace"),
    LOGGING("logging"),
    /** Nereid's own: what stops the server. */
    ADMIN("admin");

    private final String flagName;

    ApiCategory(String flagName) {
        this.flagName = flagName;
    }

    /** The name on the command line. */
    public String flagName() {
        return flagName;
    }

    /** The category of that name on the command line. */
    public static Optional<ApiCategory> of(String flagName) {
        return Arrays.stream(values()).filter(it -> it.flagName.equals(flagName)).findFirst();
    }
}
