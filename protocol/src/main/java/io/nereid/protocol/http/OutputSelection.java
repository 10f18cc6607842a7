package io.nereid.protocol.http;

import io.nereid.protocol.Owned;
import io.nereid.protocol.SharedOutputs;
import java.util.Map;

/**
 * In which form each output of an answer is wanted, and where (HTTP protocol section 11.6). Owns
 * places in shared memory, so it is closed once the answer is encoded or nobody waits for it any
 * more. Used by one thread at a time.
 */
public final class OutputSelection implements AutoCloseable {
    /**
     * @param binary whether the output's bytes follow the JSON
     * @param classification how many classes to report instead of the tensor; 0 for the tensor
     */
    record Form(boolean binary, int classification) {}

    private final Map<String, Form> named;
    private final Form others;
    private final boolean batched;
    private final SharedOutputs shared;

    private OutputSelection(
            Map<String, Form> named, Form others, boolean batched, @Owned SharedOutputs shared) {
        this.named = Map.copyOf(named);
        this.others = others;
        this.batched = batched;
        this.shared = shared;
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
        return of(named, othersBinary, batched, SharedOutputs.NONE);
    }

    /**
     * @param shared outputs that are not part of the answer
     */
    static @Owned OutputSelection of(
            Map<String, Form> named,
            boolean othersBinary,
            boolean batched,
            @Owned SharedOutputs shared) {
        return new OutputSelection(named, new Form(othersBinary, 0), batched, shared);
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

    /** Outputs that are written into shared memory, borrowed. */
    SharedOutputs shared() {
        return shared;
    }

    /** Lets shared memory go. */
    @Override
    public void close() {
        shared.close();
    }

    private Form form(String output) {
        return named.getOrDefault(output, others);
    }
}
