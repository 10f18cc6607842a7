package io.nereid.protocol.http;

import io.nereid.protocol.CorrelationId;
import io.nereid.protocol.InferenceRequest;
import io.nereid.protocol.Parameter;
import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Set;

/** Reads the request's {@code parameters} (HTTP protocol section 11.4). */
final class ParameterReader {
    /** Most parameters of a request. The reference knows no limit; memory does. */
    static final int MAX_PARAMETERS = 10_000;

    private static final int MAX_CORRELATION_ID_BYTES = 128;
    private static final String RESERVED_PREFIX = "triton_";

    private final JsonCursor cursor;
    private final JsonAccess access;
    private final InferenceRequest request;
    private final Set<String> seen = new HashSet<>();
    private boolean binaryOutputs;

    ParameterReader(JsonCursor cursor, JsonAccess access, InferenceRequest request) {
        this.cursor = cursor;
        this.access = access;
        this.request = request;
    }

    /** Whether outputs that the request does not name are wanted in binary form. */
    boolean binaryOutputs() {
        return binaryOutputs;
    }

    /**
     * Reads the value at that place into the request.
     *
     * @throws StatusException INVALID_ARG with the texts of section 11.4; UNSUPPORTED for a long
     *     correlation id
     */
    void read(long at) {
        cursor.seek(at);
        if (cursor.peek() != '{') {
            throw StatusException.invalidArgument(
                    "failed to get request params.: attempt to get members for non-object");
        }
        for (boolean more = cursor.firstMember(); more; more = cursor.nextMember()) {
            String key = cursor.name();
            if (!seen.add(key)) {
                cursor.skipValue();
            } else {
                checkCount(seen.size());
                parameter(key);
            }
        }
    }

    /**
     * Refuses too many parameters.
     *
     * @throws StatusException INVALID_ARG if there are more than {@link #MAX_PARAMETERS}
     */
    static void checkCount(int count) {
        if (count > MAX_PARAMETERS) {
            throw StatusException.invalidArgument(
                    "request has more than " + MAX_PARAMETERS + " parameters");
        }
    }

    private void parameter(String key) {
        long at = cursor.position();
        switch (key) {
            case "sequence_id" -> request.setCorrelationId(correlationId(at));
            case "sequence_start" -> request.setSequenceStart(access.bool(at, key));
            case "sequence_end" -> request.setSequenceEnd(access.bool(at, key));
            case "priority" -> request.setPriority(access.unsigned(at, key));
            case "timeout" -> request.setTimeoutMicros(access.unsigned(at, key));
            case "binary_data_output" -> binaryOutputs = access.bool(at, key);
            default -> {
                if (key.startsWith(RESERVED_PREFIX)) {
                    throw StatusException.invalidArgument(
                            "parameter keys starting with 'triton_' are reserved for Triton usage"
                                    + " and should not be specified.");
                }
                request.setParameter(key, custom(cursor, key));
            }
        }
    }

    private CorrelationId correlationId(long at) {
        if (access.atUnsigned()) {
            return new CorrelationId.NumericId(cursor.number().longValue());
        }
        String id = access.string(at, "sequence_id");
        if (id.getBytes(StandardCharsets.UTF_8).length > MAX_CORRELATION_ID_BYTES) {
            throw new StatusException(
                    StatusCode.UNSUPPORTED,
                    "string correlation ID cannot be longer than 128 characters");
        }
        return new CorrelationId.TextId(id);
    }

    /**
     * The custom parameter at the cursor.
     *
     * @throws StatusException INVALID_ARG if it is null, an array or an object
     */
    static Parameter custom(JsonCursor cursor, String key) {
        return switch (cursor.peek()) {
            case '"' -> new Parameter.StringValue(cursor.string().text());
            case 't', 'f' -> new Parameter.BoolValue(cursor.bool());
            case 'n', '{', '[' ->
                    throw StatusException.invalidArgument(
                            "parameter '"
                                    + key
                                    + "' has invalid type. It should be either 'int', 'bool', or"
                                    + " 'string'.");
            default -> {
                JsonNumber number = cursor.number();
                yield number.isSigned()
                        ? new Parameter.Int64Value(number.longValue())
                        : new Parameter.DoubleValue(number.doubleValue());
            }
        };
    }
}
