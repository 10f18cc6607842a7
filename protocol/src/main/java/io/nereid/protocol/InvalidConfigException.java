package io.nereid.protocol;

import java.util.Optional;

/**
 * A model configuration that breaks a rule. Names the field, so that whoever read the configuration
 * from a text can add the line and the column, and may say how to put it right; neither is part of
 * the text on the wire.
 */
public final class InvalidConfigException extends StatusException {
    private static final long serialVersionUID = 1L;

    private final String fieldPath;
    private final Advice advice;

    /** A breach without advice. */
    public InvalidConfigException(String fieldPath, String message) {
        this(fieldPath, message, Advice.NONE);
    }

    /**
     * @param fieldPath field at fault in text-format terms, such as {@code input[1].dims}, an entry
     *     of a map as {@code input_map["x"]}; empty for the configuration as a whole
     * @param message text of the model configuration section that states the rule
     * @param advice how to put it right
     */
    public InvalidConfigException(String fieldPath, String message, Advice advice) {
        this(StatusCode.INVALID_ARG, fieldPath, message, advice);
    }

    /** A breach that the reference reports with another code than INVALID_ARG. */
    public InvalidConfigException(
            StatusCode code, String fieldPath, String message, Advice advice) {
        super(code, message);
        this.fieldPath = fieldPath;
        this.advice = advice;
    }

    /** The field at fault, if one is. */
    public Optional<String> fieldPath() {
        return fieldPath.isEmpty() ? Optional.empty() : Optional.of(fieldPath);
    }

    /** How to put it right. */
    public Advice advice() {
        return advice;
    }
}
