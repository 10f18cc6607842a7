package io.nereid.backend.identity;

import io.nereid.protocol.ModelConfig;
import io.nereid.protocol.StatusException;

/** Numbers in a configuration's free parameters. */
final class Parameters {
    private static final int MOST_DIGITS = 9;

    private Parameters() {}

    /**
     * A parameter that is a number, 0 if it is not there.
     *
     * @throws StatusException INVALID_ARG if it is not a whole number of at most nine digits
     */
    static long number(ModelConfig config, String key) {
        String text = config.parameters().getOrDefault(key, "0");
        boolean digits = text.chars().allMatch(c -> c >= '0' && c <= '9');
        if (text.isEmpty() || text.length() > MOST_DIGITS || !digits) {
            throw StatusException.invalidArgument(
                    "parameter '"
                            + key
                            + "' of model '"
                            + config.name()
                            + "' must be a whole number from 0 to 999999999, got '"
                            + text
                            + "'");
        }
        return Long.parseLong(text);
    }
}
