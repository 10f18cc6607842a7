package io.nereid.protocol.http;

import io.nereid.protocol.CopyMeter;
import io.nereid.protocol.InferenceResponse;
import io.nereid.protocol.LabelLookup;
import io.nereid.protocol.Owned;
import io.nereid.protocol.Parameter;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.Tensor;
import io.nereid.protocol.TensorAllocator;
import io.nereid.protocol.TensorBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * One body being written: the JSON part, with binary outputs put aside (HTTP protocol section 13).
 */
final class ResponseBody {
    private static final int FIXED_LENGTH = 512;
    private static final int LENGTH_PER_OUTPUT = 128;

    private final InferenceResponse response;
    private final OutputSelection outputs;
    private final LabelLookup labels;
    private final TensorAllocator allocator;
    private final List<TensorBuffer> binary = new ArrayList<>();

    /**
     * @param response borrowed
     */
    ResponseBody(
            InferenceResponse response,
            OutputSelection outputs,
            LabelLookup labels,
            TensorAllocator allocator) {
        this.response = response;
        this.outputs = outputs;
        this.labels = labels;
        this.allocator = allocator;
    }

    /**
     * Writes the body.
     *
     * @throws StatusException with the text for the client
     */
    @Owned
    EncodedResponse encode() {
        boolean done = false;
        outputs.shared().write(response.outputs());
        try (JsonWriter writer = new JsonWriter(allocator, expectedLength())) {
            write(writer);
            EncodedResponse encoded = new EncodedResponse(writer.finish(), binary);
            done = true;
            return encoded;
        } finally {
            if (!done) {
                binary.forEach(TensorBuffer::close);
            }
        }
    }

    private long expectedLength() {
        long length = FIXED_LENGTH;
        for (Tensor output : response.outputs()) {
            length += LENGTH_PER_OUTPUT;
            if (isText(output.name())) {
                length += TensorText.expectedLength(output);
            }
        }
        return length;
    }

    private boolean isText(String output) {
        return !outputs.isBinary(output)
                && outputs.classification(output) == 0
                && !outputs.shared().contains(output);
    }

    private void write(JsonWriter writer) {
        writer.raw("{");
        if (!response.id().isEmpty()) {
            writer.raw("\"id\":").string(response.id()).raw(",");
        }
        writer.raw("\"model_name\":").string(response.modelName());
        writer.raw(",\"model_version\":\"").integer(response.modelVersion()).raw("\"");
        if (!response.parameters().isEmpty()) {
            writer.raw(",\"parameters\":");
            parameters(writer);
        }
        writer.raw(",\"outputs\":[");
        String separator = "";
        for (Tensor output : response.outputs()) {
            writer.raw(separator);
            output(writer, output);
            separator = ",";
        }
        writer.raw("]}");
    }

    private void parameters(JsonWriter writer) {
        String separator = "{";
        for (Map.Entry<String, Parameter> entry : response.parameters().entrySet()) {
            writer.raw(separator).string(entry.getKey()).raw(":");
            parameter(writer, entry.getValue());
            separator = ",";
        }
        writer.raw("}");
    }

    /** Writes the value of a parameter. */
    static void parameter(JsonWriter writer, Parameter parameter) {
        switch (parameter) {
            case Parameter.BoolValue(boolean value) -> writer.raw(value ? "true" : "false");
            case Parameter.Int64Value(long value) -> writer.integer(value);
            case Parameter.UInt64Value(long value) -> writer.unsigned(value);
            case Parameter.DoubleValue(double value) -> writer.real(value);
            case Parameter.StringValue(String value) -> writer.string(value);
        }
    }

    private void output(JsonWriter writer, Tensor output) {
        int classes = outputs.classification(output.name());
        if (classes == 0) {
            tensor(writer, output);
            return;
        }
        Tensor ranked = Classification.of(output, outputs.batched(), classes, labels, allocator);
        try {
            tensor(writer, ranked);
        } finally {
            ranked.buffer().close();
        }
    }

    private void tensor(JsonWriter writer, Tensor tensor) {
        writer.raw("{\"name\":").string(tensor.name());
        writer.raw(",\"datatype\":\"").raw(tensor.type().wireName()).raw("\",\"shape\":[");
        for (int i = 0; i < tensor.shape().rank(); i++) {
            writer.raw(i == 0 ? "" : ",").integer(tensor.shape().dim(i));
        }
        writer.raw("]");
        if (outputs.shared().contains(tensor.name())) {
            writer.raw("}");
        } else if (outputs.isBinary(tensor.name())) {
            binary.add(tensor.buffer().retain());
            writer.raw(",\"parameters\":{\"binary_data_size\":");
            writer.integer(tensor.buffer().byteSize()).raw("}}");
        } else {
            writer.raw(",\"data\":");
            TensorText.write(writer, tensor);
            allocator.copies().count(CopyMeter.Site.ENCODE, tensor.buffer().byteSize());
            writer.raw("}");
        }
    }
}
