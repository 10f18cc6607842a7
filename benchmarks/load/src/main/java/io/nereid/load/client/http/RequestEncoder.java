package io.nereid.load.client.http;

import io.nereid.load.client.RequestInput;
import io.nereid.load.client.RequestOutput;
import io.nereid.load.client.RequestSet;
import io.nereid.load.client.SharedPlace;
import io.nereid.load.client.Target;
import io.nereid.load.data.JsonData;
import io.nereid.load.data.TensorValue;
import java.io.ByteArrayOutputStream;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Makes HTTP requests of a set of requests (HTTP protocol sections 11 and 12). */
final class RequestEncoder {
    private final Target target;
    private final RequestSet set;

    RequestEncoder(Target target, RequestSet set) {
        this.target = target;
        this.set = set;
    }

    /** Path of a model's endpoints. */
    static String modelPath(Target target, String model, String version) {
        return target.path()
                + "/v2/models/"
                + encoded(model)
                + (version.isEmpty() ? "" : "/versions/" + encoded(version));
    }

    /** All requests of the set; the caller closes each. */
    List<EncodedRequest> encode() {
        return set.requests().stream().map(this::encode).toList();
    }

    private EncodedRequest encode(List<RequestInput> inputs) {
        StringBuilder json = new StringBuilder("\"inputs\":[");
        ByteArrayOutputStream binary = new ByteArrayOutputStream();
        for (RequestInput input : inputs) {
            appendInput(input, json, binary);
            json.append(',');
        }
        if (!inputs.isEmpty()) {
            json.setLength(json.length() - 1);
        }
        json.append(']');
        appendOutputs(json);
        json.append('}');
        boolean binaryInputs = binary.size() > 0;
        boolean askForBinary = set.outputs().isEmpty() && !set.jsonOutputs();
        return new EncodedRequest(
                head(binaryInputs),
                askForBinary ? "\"binary_data_output\":true" : "",
                json.toString(),
                binary.toByteArray(),
                binaryInputs);
    }

    private void appendInput(RequestInput input, StringBuilder json, ByteArrayOutputStream binary) {
        TensorValue value = input.value();
        json.append("{\"name\":");
        JsonData.appendString(value.name(), json);
        json.append(",\"datatype\":\"")
                .append(value.type().wireName())
                .append("\",\"shape\":")
                .append(value.shape());
        if (input.shared().isPresent()) {
            appendPlace(input.shared().get(), json);
        } else if (set.jsonInputs()) {
            json.append(",\"data\":");
            JsonData.append(value, json);
        } else {
            json.append(",\"parameters\":{\"binary_data_size\":")
                    .append(value.bytes().length)
                    .append('}');
            binary.writeBytes(value.bytes());
        }
        json.append('}');
    }

    private void appendOutputs(StringBuilder json) {
        if (set.outputs().isEmpty()) {
            return;
        }
        json.append(",\"outputs\":[");
        for (RequestOutput output : set.outputs()) {
            json.append("{\"name\":");
            JsonData.appendString(output.name(), json);
            appendPlace(output.shared(), json);
            json.append("},");
        }
        json.setCharAt(json.length() - 1, ']');
    }

    private static void appendPlace(SharedPlace place, StringBuilder json) {
        json.append(",\"parameters\":{\"shared_memory_region\":\"")
                .append(place.region())
                .append("\",\"shared_memory_byte_size\":")
                .append(place.byteSize());
        if (place.offset() > 0) {
            json.append(",\"shared_memory_offset\":").append(place.offset());
        }
        json.append('}');
    }

    private String head(boolean binaryInputs) {
        StringBuilder head = new StringBuilder("POST ");
        head.append(modelPath(target, set.model(), set.version()))
                .append("/infer HTTP/1.1\r\nHost: ")
                .append(target.authority())
                .append("\r\nContent-Type: ")
                .append(binaryInputs ? "application/octet-stream" : "application/json")
                .append("\r\n");
        set.headers()
                .forEach((name, value) ->
                        head.append(name).append(": ").append(value).append("\r\n"));
        return head.toString();
    }

    private static String encoded(String segment) {
        return URLEncoder.encode(segment, StandardCharsets.UTF_8).replace("+", "%20");
    }
}
