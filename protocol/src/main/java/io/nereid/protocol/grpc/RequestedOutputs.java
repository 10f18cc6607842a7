package io.nereid.protocol.grpc;

import io.nereid.protocol.SharedMemory;
import io.nereid.protocol.SharedOutputs;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.ModelInferRequest.InferRequestedOutputTensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What a message wants of its outputs besides their names (gRPC protocol section 9).
 *
 * @param classification number of classes, by the outputs of which classes are wanted
 * @param shared outputs in shared memory; whoever received this value owns it
 */
record RequestedOutputs(Map<String, Long> classification, SharedOutputs shared) {
    /**
     * Reads the parameters and opens the places in shared memory.
     *
     * @throws StatusException INVALID_ARG for wrong parameters; also what {@link SharedMemory}
     *     throws
     */
    static RequestedOutputs open(List<InferRequestedOutputTensor> outputs, SharedMemory memory) {
        RequestedOutputs requested =
                new RequestedOutputs(new LinkedHashMap<>(), SharedOutputs.open());
        boolean complete = false;
        try {
            outputs.forEach(output -> requested.add(output, memory));
            complete = true;
            return requested;
        } finally {
            if (!complete) {
                requested.shared().close();
            }
        }
    }

    private void add(InferRequestedOutputTensor output, SharedMemory memory) {
        if (output.getParametersCount() == 0) {
            return;
        }
        TensorParameters parameters =
                new TensorParameters(output.getName(), output.getParametersMap());
        Optional<TensorParameters.Place> place = parameters.sharedMemory();
        OptionalLong classes = parameters.classification();
        if (place.isPresent() && classes.isPresent()) {
            throw StatusException.invalidArgument(
                    "output can't set both 'shared_memory_region' and 'classification'");
        }
        place.ifPresent(there -> shared.add(output.getName(), there.in(memory)));
        classes.ifPresent(count -> classification.put(output.getName(), count));
    }
}
