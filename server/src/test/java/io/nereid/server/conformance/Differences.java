package io.nereid.server.conformance;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Where Nereid differs from the recordings on purpose, each with its reason. The list that
 * docs/differences.md explains to people; nothing else may differ.
 */
final class Differences {
    /** Malformed JSON and wrong JSON types are the client's fault: 400, not 500. */
    private static final List<String> JSON_ERRORS =
            List.of(
                    "failed to parse the request JSON buffer: ",
                    "Unable to parse ",
                    "Unable to set ",
                    "failed to get request params.",
                    "attempt to access JSON ",
                    "Expected JSON object for keyword: ",
                    "Converting keyword: 'parameters': Unable to parse ",
                    "attempt to get members ");

    /** The positions and words of JSON syntax errors are those of the reference's parser. */
    private static final String JSON_SYNTAX = "failed to parse the request JSON buffer: ";

    /** Single cases, with the answer that is right. */
    private static final Map<String, Changed> CHANGED =
            Map.ofEntries(
                    // Strings are exact bytes: a NUL does not end them.
                    Map.entry("json BYTES embedded NUL", new Changed(200, "")),
                    Map.entry("binary BYTES both (onnx)", new Changed(200, "")),
                    // Numbers of 16 bits have a JSON form in both directions.
                    Map.entry("json FP16 in", new Changed(200, "")),
                    Map.entry("json BF16 in", new Changed(200, "")),
                    Map.entry("binary BF16 in json out", new Changed(200, "")),
                    // An output that also feeds another step can be asked for alone.
                    Map.entry("ens3 only final", new Changed(200, "")),
                    // A missing required input is found before the model runs.
                    Map.entry(
                            "optional required omitted",
                            new Changed(
                                    400,
                                    "[request id: <id_unknown>] expected number of inputs between 1 and 2"
                                            + " but got 1 inputs for model 'ib_optional'.")),
                    // Bytes after the JSON document are refused before the inputs are looked at.
                    Map.entry(
                            "sagemaker: invocations inference-header ignored",
                            new Changed(400, JSON_SYNTAX)),
                    // A body that does not inflate is not taken for an empty one.
                    Map.entry(
                            "request gzip corrupt",
                            new Changed(400, "request body is neither gzip nor deflate")),
                    // A typing error does not unload a model.
                    Map.entry(
                            "repo unload with bad param",
                            new Changed(400, "Unable to parse 'unload_dependents': ")),
                    // Files that come with a request are loaded even if the configuration is the
                    // same as before; here they are no model.
                    Map.entry(
                            "repo load file override bad base64",
                            new Changed(
                                    400,
                                    "load failed for model 'extra': version 5 is at UNAVAILABLE"
                                            + " state: ")),
                    // The reference process ends.
                    Map.entry("sagemaker: mme load empty body", new Changed(400, "")));

    /** Loads of recorded configurations, with the body that is right. */
    private static final Map<String, String> CHANGED_LOADS =
            Map.of(
                    // The second input of one name was meant for something.
                    "bad_input_dup",
                    """
                    {"error":"load failed for model 'bad_input_dup': version 1 is at UNAVAILABLE\
                     state: Invalid argument: model input 'x' is specified more than once for\
                     bad_input_dup;\\n"}\
                    """);

    /** What a load of a recorded configuration answers, if not what was recorded. */
    static Optional<String> configLoad(String name) {
        return Optional.ofNullable(CHANGED_LOADS.get(name));
    }

    /** Single gRPC calls, with the answer that is right. */
    private static final Map<String, ChangedCall> CHANGED_CALLS =
            Map.of(
                    // A model that is not there is not ready: that is no error.
                    "grpc model ready unknown",
                    new ChangedCall("OK", "{}"),
                    "grpc model ready unknown version",
                    new ChangedCall("OK", "{}"),
                    "grpc model ready empty name",
                    new ChangedCall("OK", "{}"),
                    // Strings are exact bytes: a NUL does not end them.
                    "grpc infer string contents",
                    new ChangedCall(
                            "OK",
                            """
                            {"model_name": "id_string", "model_version": "1",
                             "outputs": [{"name": "Y", "datatype": "BYTES", "shape": ["1", "2"]}],
                             "raw_output_contents": ["AQAAAGECAAAA/wA="]}
                            """));

    /**
     * Another answer to a gRPC call.
     *
     * @param message the only message, as protobuf JSON
     */
    record ChangedCall(String code, String message) {}

    private record Changed(int status, String errorPrefix) {}

    private Differences() {}

    /** Whether the whole answer is another one; its bytes are then tested elsewhere. */
    static boolean isAnsweredBetter(GoldenCase golden) {
        Changed changed = CHANGED.get(golden.name());
        return changed != null && (changed.status() == 200 || golden.closesConnection());
    }

    /** The status to expect. */
    static int status(GoldenCase golden) {
        Changed changed = CHANGED.get(golden.name());
        if (changed != null) {
            return changed.status();
        }
        boolean jsonError =
                golden.status() == 500
                        && JSON_ERRORS.stream().anyMatch(recordedError(golden)::startsWith);
        return jsonError ? 400 : golden.status();
    }

    /** The header to expect: errors and lists always say that they are JSON. */
    static String header(GoldenCase golden, String name) {
        if (name.equals("Content-Type")
                && golden.responseBody().length > 0
                && (golden.status() >= 400 || golden.responseBody()[0] == '{')) {
            return "application/json";
        }
        return golden.responseHeaders().entrySet().stream()
                .filter(header -> header.getKey().equalsIgnoreCase(name))
                .map(Map.Entry::getValue)
                .findFirst()
                .orElse("");
    }

    /** Whether an error text is as right as the recorded one. */
    static boolean isRight(GoldenCase golden, String recorded, String found) {
        Changed changed = CHANGED.get(golden.name());
        if (changed != null) {
            return found.startsWith(changed.errorPrefix());
        }
        return recorded.startsWith(JSON_SYNTAX) && found.startsWith(JSON_SYNTAX);
    }

    /** The answer to expect from a call, where it is not the recorded one. */
    static Optional<ChangedCall> changed(GoldenCall golden) {
        return Optional.ofNullable(CHANGED_CALLS.get(golden.name()));
    }

    private static String recordedError(GoldenCase golden) {
        String body = new String(golden.responseBody(), StandardCharsets.UTF_8);
        try {
            return new ObjectMapper().readTree(body).path("error").asText();
        } catch (IOException e) {
            return body;
        }
    }
}
