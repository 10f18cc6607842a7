package io.nereid.protocol;

import java.util.Optional;

/**
 * Finds the labels of the classes that one model's outputs tell apart (HTTP protocol section 15).
 * May be called from any thread, also after the model has gone.
 */
@FunctionalInterface
public interface LabelLookup {
    /** Knows no label. */
    LabelLookup NONE = (_, _) -> Optional.empty();

    /**
     * The label of element {@code index} of an output, empty if there is none.
     *
     * @param output name of the output
     * @param index position of the element within its batch item, from 0
     */
    Optional<String> label(String output, long index);
}
