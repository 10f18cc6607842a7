package io.nereid.protocol.grpc;

import io.nereid.protocol.Owned;
import io.nereid.protocol.SharedMemory;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.InferParameter;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.InferParameter.ParameterChoiceCase;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/** Parameters of one input or output (gRPC protocol section 9). */
final class TensorParameters {
    private static final String REGION = "shared_memory_region";
    private static final String OFFSET = "shared_memory_offset";
    private static final String BYTE_SIZE = "shared_memory_byte_size";
    private static final String CLASSIFICATION = "classification";

    /**
     * A place in a shared memory region.
     *
     * @param offset from the region's start, in bytes; the bits of an unsigned number
     * @param byteSize in bytes; the bits of an unsigned number
     */
    record Place(String region, long offset, long byteSize) {
        /** Opens it. */
        @Owned
        SharedMemory.Window in(SharedMemory memory) {
            return memory.open(region, offset, byteSize);
        }
    }

    private final String tensor;
    private final Map<String, InferParameter> parameters;

    TensorParameters(String tensor, Map<String, InferParameter> parameters) {
        this.tensor = tensor;
        this.parameters = parameters;
    }

    /**
     * Where the tensor lies in shared memory, if it does.
     *
     * @throws StatusException INVALID_ARG for a wrong type, or a size or offset without region or
     *     the other way round
     */
    Optional<Place> sharedMemory() {
        if (parameters.isEmpty()) {
            return Optional.empty();
        }
        Optional<InferParameter> region = Optional.ofNullable(parameters.get(REGION));
        region.ifPresent(value -> requireType(REGION, value, ParameterChoiceCase.STRING_PARAM));
        OptionalLong offset = number(OFFSET);
        OptionalLong byteSize = number(BYTE_SIZE);
        if (region.isEmpty()) {
            if (offset.isPresent() || byteSize.isPresent()) {
                throw withoutRegion(offset.isPresent() ? OFFSET : BYTE_SIZE);
            }
            return Optional.empty();
        }
        if (byteSize.isEmpty()) {
            throw StatusException.invalidArgument(
                    "'shared_memory_byte_size' must be specified along with 'shared_memory_region'"
                            + " parameter for tensor '"
                            + tensor
                            + "'");
        }
        return Optional.of(
                new Place(region.get().getStringParam(), offset.orElse(0), byteSize.getAsLong()));
    }

    /**
     * Number of classes to report instead of the tensor, if classes are wanted.
     *
     * @throws StatusException INVALID_ARG for a wrong type or a number below 1
     */
    OptionalLong classification() {
        InferParameter value = parameters.get(CLASSIFICATION);
        if (value == null) {
            return OptionalLong.empty();
        }
        if (value.getParameterChoiceCase() != ParameterChoiceCase.INT64_PARAM) {
            throw StatusException.invalidArgument(
                    "invalid value type for 'classification' parameter, expected int64_param");
        }
        if (value.getInt64Param() <= 0) {
            throw StatusException.invalidArgument(
                    "invalid value for 'classification' parameter, expected >= 0");
        }
        return OptionalLong.of(value.getInt64Param());
    }

    private OptionalLong number(String key) {
        InferParameter value = parameters.get(key);
        if (value == null) {
            return OptionalLong.empty();
        }
        requireType(key, value, ParameterChoiceCase.INT64_PARAM);
        return OptionalLong.of(value.getInt64Param());
    }

    private void requireType(String key, InferParameter value, ParameterChoiceCase expected) {
        if (value.getParameterChoiceCase() != expected) {
            throw StatusException.invalidArgument(
                    "invalid value type for '"
                            + key
                            + "' parameter for tensor '"
                            + tensor
                            + "', expected "
                            + (expected == ParameterChoiceCase.STRING_PARAM
                                    ? "string_param."
                                    : "int64_param."));
        }
    }

    private StatusException withoutRegion(String key) {
        return StatusException.invalidArgument(
                "'"
                        + key
                        + "' can not be specified without 'shared_memory_region' parameter for"
                        + " tensor '"
                        + tensor
                        + "'");
    }
}
