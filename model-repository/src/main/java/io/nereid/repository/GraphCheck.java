package io.nereid.repository;

import io.nereid.protocol.ModelConfig;
import io.nereid.protocol.StatusException;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.BiFunction;
import java.util.function.Consumer;

/** Compares an ensemble with the models of its steps (schedulers section 14.2). */
@FunctionalInterface
public interface GraphCheck {
    /**
     * Compares.
     *
     * @param members gives the configuration of a step's model by its name and version, if it could
     *     be loaded
     * @param breaches takes each rule that is broken
     */
    void check(
            ModelConfig ensemble,
            BiFunction<String, OptionalLong, Optional<ModelConfig>> members,
            Consumer<StatusException> breaches);
}
