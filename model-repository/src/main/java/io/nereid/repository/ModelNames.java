package io.nereid.repository;

import io.nereid.protocol.StatusException;

/** Names that a model may be asked to be loaded by (repository section 7.1). */
final class ModelNames {
    private ModelNames() {}

    /**
     * The name, if it is one.
     *
     * @throws StatusException INVALID_ARG if it is blank or would lead out of the repository
     */
    static String check(String name) {
        String trimmed = name.strip();
        if (trimmed.isEmpty()) {
            throw StatusException.invalidArgument(
                    "Model name cannot be empty. Please enter a valid name to deploy.");
        }
        if (trimmed.equals("..") || trimmed.contains("/")) {
            throw StatusException.invalidArgument(
                    "invalid model name '"
                            + name
                            + "', model name must not contain path traversal characters");
        }
        return name;
    }
}
