package io.nereid.protocol.http;

import io.nereid.protocol.DataType;
import io.nereid.protocol.InferenceRequest;
import io.nereid.protocol.ModelConfig;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.fuzz.BoundedMemory;
import io.nereid.protocol.fuzz.FuzzTarget;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;

/**
 * Decodes any bytes as the body of a generate request. The first byte says which model is asked,
 * the rest is the body. Tensors must hold what a plain reader of JSON finds under their names.
 */
public final class GenerateFuzz implements FuzzTarget {
    private static final List<ModelConfig> MODELS = models();

    private final BoundedMemory memory = new BoundedMemory();

    /** For fuzzers that know nothing but this method. */
    public static void fuzzerTestOneInput(byte[] input) {
        new GenerateFuzz().accept(input);
    }

    private static List<ModelConfig> models() {
        List<ModelConfig> models = new ArrayList<>();
        for (DataType type : DataType.values()) {
            if (type != DataType.INVALID) {
                models.add(Codec.model(type, "text_input", "X"));
            }
        }
        return models;
    }

    @Override
    public boolean accept(byte[] input) {
        if (input.length == 0) {
            return false;
        }
        byte[] body = Arrays.copyOfRange(input, 1, input.length);
        ModelConfig model = MODELS.get((input[0] & 0xff) % MODELS.size());
        memory.begin(body.length);
        boolean accepted = false;
        try (InferenceRequest request =
                new GenerateDecoder(memory, Codec.LIMIT)
                        .decode(model, OptionalLong.empty(), memory.block(body, 0, body.length))) {
            PlainReading.checkMembers(body, List.copyOf(request.inputs()));
            accepted = true;
        } catch (StatusException e) {
            if (e.text().isEmpty()) {
                throw new AssertionError("refused without a word", e);
            }
        }
        memory.end();
        return accepted;
    }
}
