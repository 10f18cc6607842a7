package io.nereid.protocol.http;

import io.nereid.protocol.DataType;
import io.nereid.protocol.ModelConfig;
import io.nereid.protocol.Shape;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.Tensor;
import io.nereid.protocol.TensorBuffer;
import io.nereid.protocol.fuzz.BoundedMemory;
import io.nereid.protocol.fuzz.FuzzTarget;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;

/**
 * Decodes any bytes as an infer body: JSON, JSON with binary data behind it, and raw. The first
 * bytes say which model is asked and how long the JSON part claims to be, the rest is the body.
 * Tensors that come as JSON must hold what a plain reader of JSON finds, and reading in one pass
 * must give what reading with care gives.
 */
public final class HttpBodyFuzz implements FuzzTarget {
    /** Bytes in front of the body: type of the model, its inputs, and two of the JSON length. */
    static final int CONTROL = 4;

    private static final int WHOLE_BODY = 0xffff;
    private static final List<ModelConfig> MODELS = models();

    private final BoundedMemory memory = new BoundedMemory();

    /** For fuzzers that know nothing but this method. */
    public static void fuzzerTestOneInput(byte[] input) {
        new HttpBodyFuzz().accept(input);
    }

    /** An input for this target. */
    static byte[] input(int model, int jsonLength, byte[] body) {
        byte[] input = new byte[CONTROL + body.length];
        int length = jsonLength == body.length ? WHOLE_BODY : jsonLength;
        input[0] = (byte) model;
        input[2] = (byte) (length >>> 8);
        input[3] = (byte) length;
        System.arraycopy(body, 0, input, CONTROL, body.length);
        return input;
    }

    private static List<ModelConfig> models() {
        List<ModelConfig> models = new ArrayList<>();
        for (DataType type : DataType.values()) {
            if (type != DataType.INVALID) {
                models.add(Codec.model(type, "INPUT0", "INPUT1"));
                models.add(Codec.model(8, type, Shape.of(-1), "X"));
                models.add(Codec.model(0, type, Shape.of(1), "X"));
            }
        }
        return models;
    }

    @Override
    public boolean accept(byte[] input) {
        if (input.length < CONTROL) {
            return false;
        }
        byte[] body = Arrays.copyOfRange(input, CONTROL, input.length);
        int claimed = (input[2] & 0xff) << 8 | (input[3] & 0xff);
        int jsonLength = claimed == WHOLE_BODY ? body.length : claimed;
        return decode(MODELS.get((input[0] & 0xff) % MODELS.size()), body, jsonLength);
    }

    private boolean decode(ModelConfig model, byte[] bytes, int jsonLength) {
        memory.begin(bytes.length);
        TensorBuffer body = memory.block(bytes, 0, bytes.length);
        boolean accepted = false;
        String found = "";
        List<Tensor> read = List.of();
        try {
            DecodedRequest decoded =
                    new HttpInferDecoder(memory, Codec.LIMIT)
                            .decode(model, OptionalLong.empty(), body, jsonLength);
            try (var request = decoded.request()) {
                read = List.copyOf(request.inputs());
                found = DecodedText.of(decoded);
                if (jsonLength > 0) {
                    PlainReading.check(Arrays.copyOf(bytes, jsonLength), model, read);
                }
            }
            accepted = true;
        } catch (StatusException e) {
            if (e.text().isEmpty()) {
                throw new AssertionError("refused without a word", e);
            }
        }
        memory.end();
        compare(found, carefully(model, bytes, jsonLength), bytes);
        return accepted;
    }

    private String carefully(ModelConfig model, byte[] bytes, int jsonLength) {
        memory.begin(bytes.length);
        String found = "";
        try {
            DecodedRequest decoded =
                    new HttpInferDecoder(memory, Codec.LIMIT)
                            .decodeCarefully(
                                    model,
                                    OptionalLong.empty(),
                                    memory.block(bytes, 0, bytes.length),
                                    jsonLength);
            try (var _ = decoded.request()) {
                found = DecodedText.of(decoded);
                decoded.outputs().close();
            }
        } catch (StatusException e) {
            // Then the other way must have refused it too.
            found = "";
        }
        memory.end();
        return found;
    }

    private static void compare(String found, String expected, byte[] bytes) {
        if (!found.equals(expected)) {
            throw new AssertionError(
                    "reads "
                            + found
                            + ", expected "
                            + expected
                            + ": "
                            + new String(bytes, StandardCharsets.ISO_8859_1));
        }
    }
}
