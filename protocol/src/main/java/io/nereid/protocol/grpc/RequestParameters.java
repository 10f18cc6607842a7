package io.nereid.protocol.grpc;

import io.nereid.protocol.CorrelationId;
import io.nereid.protocol.InferenceRequest;
import io.nereid.protocol.Parameter;
import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.InferParameter;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.InferParameter.ParameterChoiceCase;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/** Parameters of a whole request (gRPC protocol section 9). */
final class RequestParameters {
    private static final int MAX_CORRELATION_ID_BYTES = 128;
    private static final String RESERVED_PREFIX = "triton_";
    private static final String EMPTY_FINAL_RESPONSE = "triton_enable_empty_final_response";

    private final InferenceRequest request;
    private boolean emptyFinalResponse;

    private RequestParameters(InferenceRequest request) {
        this.request = request;
    }

    /**
     * Sets what the parameters say on the request.
     *
     * @return whether an empty final response is wanted
     * @throws StatusException INVALID_ARG for a wrong type or a reserved key, UNSUPPORTED for a
     *     long correlation id
     */
    static boolean apply(Map<String, InferParameter> parameters, InferenceRequest request) {
        RequestParameters target = new RequestParameters(request);
        parameters.forEach(target::set);
        return target.emptyFinalResponse;
    }

    private void set(String key, InferParameter value) {
        switch (key) {
            case "sequence_id" -> request.setCorrelationId(correlationId(value));
            case "sequence_start" -> request.setSequenceStart(bool(key, value));
            case "sequence_end" -> request.setSequenceEnd(bool(key, value));
            case "priority" -> request.setPriority(priority(value));
            case "timeout" -> request.setTimeoutMicros(timeout(value));
            case EMPTY_FINAL_RESPONSE -> emptyFinalResponse = bool(key, value);
            default -> request.setParameter(key, custom(key, value));
        }
    }

    private static CorrelationId correlationId(InferParameter value) {
        return switch (value.getParameterChoiceCase()) {
            case INT64_PARAM -> new CorrelationId.NumericId(value.getInt64Param());
            case STRING_PARAM -> textId(value.getStringParam());
            case BOOL_PARAM, DOUBLE_PARAM, UINT64_PARAM, PARAMETERCHOICE_NOT_SET ->
                    throw wrongType("sequence_id", "int64_param or string_param.");
        };
    }

    private static CorrelationId textId(String text) {
        if (text.getBytes(StandardCharsets.UTF_8).length > MAX_CORRELATION_ID_BYTES) {
            throw new StatusException(
                    StatusCode.UNSUPPORTED,
                    "string correlation ID cannot be longer than "
                            + MAX_CORRELATION_ID_BYTES
                            + " characters");
        }
        return new CorrelationId.TextId(text);
    }

    private static boolean bool(String key, InferParameter value) {
        if (value.getParameterChoiceCase() != ParameterChoiceCase.BOOL_PARAM) {
            throw wrongType(key, "bool_param.");
        }
        return value.getBoolParam();
    }

    private static long priority(InferParameter value) {
        return switch (value.getParameterChoiceCase()) {
            case UINT64_PARAM -> value.getUint64Param();
            case INT64_PARAM -> {
                if (value.getInt64Param() < 0) {
                    throw StatusException.invalidArgument(
                            "invalid value for 'priority', expected value >= 0.");
                }
                yield value.getInt64Param();
            }
            case BOOL_PARAM, STRING_PARAM, DOUBLE_PARAM, PARAMETERCHOICE_NOT_SET ->
                    throw wrongType("priority", "int64_param or uint64_param.");
        };
    }

    private static long timeout(InferParameter value) {
        if (value.getParameterChoiceCase() != ParameterChoiceCase.INT64_PARAM) {
            throw wrongType("timeout", "int64_param.");
        }
        return value.getInt64Param();
    }

    private static Parameter custom(String key, InferParameter value) {
        if (key.startsWith(RESERVED_PREFIX)) {
            throw StatusException.invalidArgument(
                    "parameter keys starting with 'triton_' are reserved for Triton usage. Only the"
                            + " following keys starting with 'triton_' are allowed: "
                            + EMPTY_FINAL_RESPONSE);
        }
        return switch (value.getParameterChoiceCase()) {
            case BOOL_PARAM -> new Parameter.BoolValue(value.getBoolParam());
            case INT64_PARAM -> new Parameter.Int64Value(value.getInt64Param());
            case STRING_PARAM -> new Parameter.StringValue(value.getStringParam());
            case DOUBLE_PARAM -> new Parameter.DoubleValue(value.getDoubleParam());
            case UINT64_PARAM, PARAMETERCHOICE_NOT_SET ->
                    throw wrongType(key, "int64_param, bool_param, or string_param.");
        };
    }

    private static StatusException wrongType(String key, String expected) {
        return StatusException.invalidArgument(
                "invalid value type for '" + key + "' parameter, expected " + expected);
    }
}
