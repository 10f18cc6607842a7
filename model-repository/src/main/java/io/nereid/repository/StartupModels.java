package io.nereid.repository;

import io.nereid.protocol.StatusException;
import java.util.List;

/** Which models are loaded at start (repository section 5). */
public sealed interface StartupModels {
    /** Every model of the repositories. */
    record All() implements StartupModels {}

    /**
     * These models, and what ensembles among them ask.
     *
     * @param names names of models
     */
    record Named(List<String> names) implements StartupModels {
        /** Copies the list. */
        public Named {
            names = List.copyOf(names);
        }
    }

    /**
     * The choice of {@code --load-model} options in explicit mode; {@code *} stands for all.
     *
     * @throws StatusException INVALID_ARG if {@code *} is not the only name
     */
    static StartupModels explicit(List<String> names) {
        if (!names.contains("*")) {
            return new Named(names);
        }
        if (names.size() > 1) {
            throw StatusException.invalidArgument(
                    "Wildcard model name '*' must be the ONLY startup model if specified at all.");
        }
        return new All();
    }
}
