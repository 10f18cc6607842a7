package io.nereid.server.http;

import com.fasterxml.jackson.core.JsonGenerator;
import io.nereid.protocol.DataType;
import io.nereid.protocol.ModelConfig;
import io.nereid.protocol.Scheduling;
import io.nereid.protocol.Shape;
import io.nereid.protocol.TensorSpec;
import io.nereid.protocol.proto.ModelConfigProto;
import io.nereid.protocol.proto.ModelConfigProto.ModelSequenceBatching;
import java.io.IOException;
import java.util.Arrays;

/**
 * A request that a model takes: every input, one batch item, 1 for each variable dimension and for
 * each element, which is a number, an index and a divisor that most models know.
 */
final class OpenApiExample {
    private final ModelConfig config;
    private final boolean fits;

    /**
     * @param largest most elements of all inputs together
     */
    OpenApiExample(ModelConfig config, long largest) {
        this.config = config;
        long elements = 0;
        for (TensorSpec input : config.inputs().values()) {
            elements += Math.min(elementCount(shape(config, input), largest), largest + 1);
        }
        this.fits = elements <= largest;
    }

    /** Whether the example is small enough to be shown. */
    boolean fits() {
        return fits;
    }

    void inferRequest(JsonGenerator json) throws IOException {
        json.writeStartObject();
        json.writeArrayFieldStart("inputs");
        for (TensorSpec input : config.inputs().values()) {
            long[] shape = shape(config, input);
            json.writeStartObject();
            json.writeStringField("name", input.name());
            json.writeStringField("datatype", input.type().wireName());
            json.writeFieldName("shape");
            json.writeArray(shape, 0, shape.length);
            json.writeFieldName("data");
            list(json, input, shape);
            json.writeEndObject();
        }
        json.writeEndArray();
        if (config.scheduling() instanceof Scheduling.SequenceBatching(var sequences)) {
            sequence(json, sequences);
        }
        json.writeEndObject();
    }

    /** A sequence of one request. */
    private static void sequence(JsonGenerator json, ModelSequenceBatching sequences)
            throws IOException {
        json.writeObjectFieldStart("parameters");
        if (hasTextIds(sequences)) {
            json.writeStringField("sequence_id", "1");
        } else {
            json.writeNumberField("sequence_id", 1);
        }
        json.writeBooleanField("sequence_start", true);
        json.writeBooleanField("sequence_end", true);
        json.writeEndObject();
    }

    private static boolean hasTextIds(ModelSequenceBatching sequences) {
        return sequences.getControlInputList().stream()
                .flatMap(input -> input.getControlList().stream())
                .anyMatch(control ->
                        control.getKind()
                                        == ModelSequenceBatching.Control.Kind
                                                .CONTROL_SEQUENCE_CORRID
                                && control.getDataType() == ModelConfigProto.DataType.TYPE_STRING);
    }

    void generateRequest(JsonGenerator json) throws IOException {
        json.writeStartObject();
        for (TensorSpec input : config.inputs().values()) {
            long[] shape = shape(config, input);
            json.writeFieldName(input.name());
            if (elementCount(shape, 1) == 1) {
                element(json, input.type());
            } else {
                list(json, input, shape);
            }
        }
        json.writeEndObject();
    }

    private static void list(JsonGenerator json, TensorSpec input, long[] shape)
            throws IOException {
        json.writeStartArray();
        long count = elementCount(shape, Long.MAX_VALUE);
        for (long i = 0; i < count; i++) {
            element(json, input.type());
        }
        json.writeEndArray();
    }

    private static void element(JsonGenerator json, DataType type) throws IOException {
        switch (type) {
            case BOOL -> json.writeBoolean(true);
            case UINT8, UINT16, UINT32, UINT64, INT8, INT16, INT32, INT64 -> json.writeNumber(1);
            case FP16, FP32, FP64, BF16 -> json.writeNumber(1.0);
            case BYTES -> json.writeString("1");
            case INVALID -> throw new IllegalStateException("a tensor without a type");
        }
    }

    private static long[] shape(ModelConfig config, TensorSpec input) {
        return Arrays.stream(config.apiShape(input).toArray())
                .map(dim -> dim == Shape.ANY ? 1 : dim)
                .toArray();
    }

    /** Exact up to {@code limit}; something above it if there are more. */
    private static long elementCount(long[] shape, long limit) {
        long count = 1;
        for (long dim : shape) {
            if (dim != 0 && count > limit / dim) {
                return limit == Long.MAX_VALUE ? limit : limit + 1;
            }
            count *= dim;
        }
        return count;
    }
}
