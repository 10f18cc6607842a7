package io.nereid.protocol;

import java.io.Serializable;

/**
 * What helps whoever wrote a model configuration to put it right. Each part may be empty; texts are
 * one line, without a full stop at the end.
 *
 * @param expected what the rule asks for
 * @param found what stands there instead
 * @param fix what to do
 */
public record Advice(String expected, String found, String fix) implements Serializable {
    private static final long serialVersionUID = 1L;

    /** Nothing to add. */
    public static final Advice NONE = new Advice("", "", "");

    /** Says only what to do. */
    public static Advice fix(String fix) {
        return new Advice("", "", fix);
    }

    /** Whether it says nothing. */
    public boolean isEmpty() {
        return equals(NONE);
    }
}
