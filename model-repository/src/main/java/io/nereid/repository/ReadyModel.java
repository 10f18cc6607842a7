package io.nereid.repository;

import io.nereid.backend.Model;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A version that answers, and the names of its classes.
 *
 * @param model the version, owned by the repository
 * @param labels labels by output, in the order of the classes
 */
record ReadyModel(Model model, Map<String, List<String>> labels) {
    ReadyModel {
        labels = Map.copyOf(labels);
    }

    /** Label of a class, from 0; empty if the output has no labels or not so many. */
    Optional<String> label(String output, long index) {
        List<String> names = labels.getOrDefault(output, List.of());
        return index >= 0 && index < names.size()
                ? Optional.of(names.get((int) index))
                : Optional.empty();
    }
}
