package io.nereid.protocol;

import java.util.Optional;

/**
 * A model configuration that breaks a rule. Names the field, so that whoever read the configuration
 * from a text can add the line and the column.
 */
public final class InvalidConfigException extends StatusException {
    private static final long serialVersionUID = 1L;

    private final String fieldPath;

    /**
     * @param fieldPath field at fault in text-format terms, such as {@code input[1].dims}; empty
     *     for the configuration as a whole
     * @param message text of the model configuration section that states the rule
     */
    public InvalidConfigException(String fieldPath, String message) {
        super(StatusCode.INVALID_ARG, message);
        this.fieldPath = fieldPath;
    }

    /** The field at fault, if one is. */
    public Optional<String> fieldPath() {
        return fieldPath.isEmpty() ? Optional.empty() : Optional.of(fieldPath);
    }
}
