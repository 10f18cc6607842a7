package io.nereid.protocol.http;

import java.util.Map;

/**
 * In which form each output of an answer is wanted (HTTP protocol section 11.6). Immutable; may be
 * used from any thread.
 */
public final class OutputSelection {
    /**
     * @param binary whether the output's bytes follow the JSON
     * @param classification how many classes to report instead of the tensor; 0 for the tensor
     */
    record Form(boolean binary, int classification) {}

    private final Map<String, Form> named;
    private final Form others;
    private final boolean batched;

    private OutputSelection(Map<String, Form> named, Form others, boolean batched) {
        this.named = Map.copyOf(named);
        this.others = others;
        this.batched = batched;
    }

    /** Every output as JSON. */
    public static OutputSelection allJson() {
        return of(Map.of(), false, false);
    }

    /** Every output as binary data, as raw binary requests are answered. */
    public static OutputSelection allBinary() {
        return of(Map.of(), true, false);
    }

    /**
     * @param named forms of the outputs that the request names
     * @param othersBinary form of all others
     * @param batched whether the model's outputs have a batch dimension
     */
    static OutputSelection of(Map<String, Form> named, boolean othersBinary, boolean batched) {
        return new OutputSelection(named, new Form(othersBinary, 0), batched);
    }

    /** Whether the output's bytes follow the JSON. */
    public boolean isBinary(String output) {
        return form(output).binary();
    }

    /** How many classes to report instead of the tensor; 0 for the tensor itself. */
    public int classification(String output) {
        return form(output).classification();
    }

    /** Whether the first dimension of outputs is the batch. */
    boolean batched() {
        return batched;
    }

    private Form form(String output) {
        return named.getOrDefault(output, others);
    }
}
