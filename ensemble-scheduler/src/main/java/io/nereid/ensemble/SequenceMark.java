package io.nereid.ensemble;

import io.nereid.protocol.CorrelationId;
import io.nereid.protocol.InferenceRequest;
import io.nereid.protocol.Parameter;
import io.nereid.protocol.StatusException;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A tensor's place in a sequence: handed from step to step, changed by response parameters
 * (schedulers section 14.3).
 *
 * @param id the sequence
 * @param start whether it begins here
 * @param end whether it ends here
 */
record SequenceMark(CorrelationId id, boolean start, boolean end) {
    private static final String ID = "sequence_id";
    private static final String START = "sequence_start";
    private static final String END = "sequence_end";

    static SequenceMark of(InferenceRequest request) {
        return new SequenceMark(
                request.correlationId(), request.sequenceStart(), request.sequenceEnd());
    }

    /** The mark of a tensor in which it differs from this one; this one if there is none. */
    SequenceMark replacedByAny(Collection<RunTensor> tensors) {
        for (RunTensor tensor : tensors) {
            if (!tensor.mark().equals(this)) {
                return tensor.mark();
            }
        }
        return this;
    }

    /**
     * This mark after a step answered with these parameters.
     *
     * @throws StatusException INVALID_ARG if one of them has the wrong type
     */
    SequenceMark changedBy(Map<String, Parameter> parameters) {
        if (parameters.isEmpty()) {
            return this;
        }
        CorrelationId newId = id;
        if (parameters.containsKey(ID)) {
            newId = correlationId(parameters.get(ID));
        }
        return new SequenceMark(newId, flag(parameters, START, start), flag(parameters, END, end));
    }

    /** What the ensemble's response says about its sequence. */
    Map<String, Parameter> parameters() {
        Map<String, Parameter> parameters = new LinkedHashMap<>();
        parameters.put(
                ID,
                switch (id) {
                    case CorrelationId.NumericId(long value) when value < 0 ->
                            new Parameter.UInt64Value(value);
                    case CorrelationId.NumericId(long value) -> new Parameter.Int64Value(value);
                    case CorrelationId.TextId(String value) -> new Parameter.StringValue(value);
                });
        parameters.put(START, new Parameter.BoolValue(start));
        parameters.put(END, new Parameter.BoolValue(end));
        return Collections.unmodifiableMap(parameters);
    }

    private static CorrelationId correlationId(Parameter parameter) {
        return switch (parameter) {
            case Parameter.Int64Value(long value) -> new CorrelationId.NumericId(value);
            case Parameter.UInt64Value(long value) -> new CorrelationId.NumericId(value);
            case Parameter.StringValue(String value) -> new CorrelationId.TextId(value);
            case Parameter.BoolValue _, Parameter.DoubleValue _ ->
                    throw StatusException.invalidArgument(
                            "expected parameter 'sequence_id' to be TRITONSERVER_PARAMETER_INT or"
                                    + " TRITONSERVER_PARAMETER_STRING");
        };
    }

    private static boolean flag(Map<String, Parameter> parameters, String key, boolean otherwise) {
        Parameter parameter = parameters.get(key);
        if (parameter == null) {
            return otherwise;
        }
        if (parameter instanceof Parameter.BoolValue(boolean value)) {
            return value;
        }
        throw StatusException.invalidArgument(
                "expect parameter '" + key + "' to be TRITONSERVER_PARAMETER_BOOL");
    }
}
