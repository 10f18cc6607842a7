package io.nereid.backend.djl.engine;

import io.nereid.backend.djl.LoadRequest;
import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import java.util.OptionalInt;

/** Numbers among a configuration's parameters. */
final class Numbers {
    private Numbers() {}

    /**
     * The parameter of that name.
     *
     * @throws StatusException INVALID_ARG if it is not a number
     */
    static OptionalInt of(LoadRequest request, String key) {
        String text = request.parameters().getOrDefault(key, "").strip();
        if (text.isEmpty()) {
            return OptionalInt.empty();
        }
        try {
            return OptionalInt.of(Integer.parseInt(text));
        } catch (NumberFormatException e) {
            throw new StatusException(
                    StatusCode.INVALID_ARG,
                    "unable to load model '"
                            + request.modelName()
                            + "', parameter '"
                            + key
                            + "' must be a number, found '"
                            + text
                            + "'",
                    e);
        }
    }
}
