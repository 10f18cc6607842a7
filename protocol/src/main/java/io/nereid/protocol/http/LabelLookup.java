package io.nereid.protocol.http;

import java.util.Optional;

/** Finds the label of a class (HTTP protocol section 15). May be called from any thread. */
@FunctionalInterface
public interface LabelLookup {
    /** Knows no label. */
    LabelLookup NONE = (_, _, _, _) -> Optional.empty();

    /**
     * The label of element {@code index} of an output, empty if there is none.
     *
     * @param model name of the model that answered
     * @param version version of it that answered
     * @param output name of the output
     * @param index position of the element within its batch item, from 0
     */
    Optional<String> label(String model, long version, String output, long index);
}
