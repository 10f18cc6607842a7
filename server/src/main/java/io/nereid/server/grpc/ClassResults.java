package io.nereid.server.grpc;

import io.nereid.protocol.InferenceResponse;
import io.nereid.protocol.Owned;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.Tensor;
import io.nereid.protocol.TensorAllocator;
import io.nereid.protocol.http.Classification;
import io.nereid.protocol.http.LabelLookup;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Reports classes in the place of tensors (gRPC protocol section 12). */
final class ClassResults {
    private final TensorAllocator allocator;
    private final LabelLookup labels;

    ClassResults(TensorAllocator allocator, LabelLookup labels) {
        this.allocator = allocator;
        this.labels = labels;
    }

    /**
     * The response with the outputs replaced of which classes are wanted.
     *
     * @param classes number of classes by output
     * @param batched whether the first dimension of outputs is the batch
     * @throws StatusException INVALID_ARG if an output's elements cannot be ranked
     */
    @Owned
    InferenceResponse replaced(
            @Owned InferenceResponse response, Map<String, Long> classes, boolean batched) {
        List<Tensor> outputs = new ArrayList<>();
        boolean complete = false;
        try {
            for (Tensor output : response.outputs()) {
                Long count = classes.get(output.name());
                outputs.add(
                        count == null
                                ? output.retain()
                                : Classification.of(
                                        response,
                                        output,
                                        batched,
                                        (int) Math.min(count, Integer.MAX_VALUE),
                                        labels,
                                        allocator));
            }
            InferenceResponse replaced =
                    new InferenceResponse(
                            response.id(),
                            response.modelName(),
                            response.modelVersion(),
                            response.parameters(),
                            outputs);
            complete = true;
            return replaced;
        } finally {
            response.close();
            if (!complete) {
                outputs.forEach(output -> output.buffer().close());
            }
        }
    }
}
