package io.nereid.protocol.http;

import io.nereid.protocol.CopyMeter;
import io.nereid.protocol.InferenceResponse;
import io.nereid.protocol.Owned;
import io.nereid.protocol.Parameter;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.Tensor;
import io.nereid.protocol.TensorAllocator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * Encodes answers to generate requests (HTTP protocol section 16): an object with one member for
 * each parameter and output, sorted by name. Immutable; may be used from any thread.
 */
public final class GenerateEncoder {
    private static final int FIXED_LENGTH = 128;
    private static final int LENGTH_PER_OUTPUT = 64;

    private final TensorAllocator allocator;

    /** An encoder that takes memory from {@code allocator}. */
    public GenerateEncoder(TensorAllocator allocator) {
        this.allocator = allocator;
    }

    /**
     * The object alone.
     *
     * @param response closed by the end of this call, also after a failure
     * @throws StatusException INVALID_ARG if an output has no JSON form, INTERNAL if an output's
     *     bytes do not match its shape
     */
    public @Owned EncodedResponse encode(@Owned InferenceResponse response) {
        return encode(response, "", "");
    }

    /**
     * The object as one server-sent event.
     *
     * @param response closed by the end of this call, also after a failure
     * @throws StatusException as {@link #encode}
     */
    public @Owned EncodedResponse encodeEvent(@Owned InferenceResponse response) {
        return encode(response, "data: ", "\n\n");
    }

    private @Owned EncodedResponse encode(
            @Owned InferenceResponse response, String before, String after) {
        try (response;
                JsonWriter writer = new JsonWriter(allocator, expectedLength(response))) {
            writer.raw(before);
            write(writer, response);
            writer.raw(after);
            return new EncodedResponse(writer.finishCompact(), List.of());
        }
    }

    private static long expectedLength(InferenceResponse response) {
        long length = FIXED_LENGTH;
        for (Tensor output : response.outputs()) {
            length += LENGTH_PER_OUTPUT + TensorText.expectedLength(output);
        }
        return length;
    }

    private void write(JsonWriter writer, InferenceResponse response) {
        String separator = "{";
        for (Map.Entry<String, Consumer<JsonWriter>> member : members(response).entrySet()) {
            writer.raw(separator).string(member.getKey()).raw(":");
            member.getValue().accept(writer);
            separator = ",";
        }
        writer.raw("}");
    }

    /** Of members with the same name the first one counts. */
    private Map<String, Consumer<JsonWriter>> members(InferenceResponse response) {
        Map<String, Consumer<JsonWriter>> members = new TreeMap<>();
        if (!response.id().isEmpty()) {
            members.put("id", writer -> writer.string(response.id()));
        }
        members.putIfAbsent("model_name", writer -> writer.string(response.modelName()));
        members.putIfAbsent(
                "model_version",
                writer -> writer.raw("\"").integer(response.modelVersion()).raw("\""));
        for (Map.Entry<String, Parameter> parameter : response.parameters().entrySet()) {
            members.putIfAbsent(
                    parameter.getKey(),
                    writer -> ResponseBody.parameter(writer, parameter.getValue()));
        }
        for (Tensor output : response.outputs()) {
            members.putIfAbsent(output.name(), writer -> output(writer, output));
        }
        return members;
    }

    private void output(JsonWriter writer, Tensor output) {
        TensorText.writeBare(writer, output);
        allocator.copies().count(CopyMeter.Site.ENCODE, output.buffer().byteSize());
    }
}
