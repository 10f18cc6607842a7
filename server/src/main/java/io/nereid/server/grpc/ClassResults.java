package io.nereid.server.grpc;

import io.nereid.backend.ModelLease;
import io.nereid.protocol.InferenceResponse;
import io.nereid.protocol.LabelLookup;
import io.nereid.protocol.Owned;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.Tensor;
import io.nereid.protocol.TensorAllocator;
import io.nereid.protocol.grpc.DecodedInfer;
import io.nereid.protocol.http.Classification;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Reports classes in the place of the tensors that one request wants them of (gRPC protocol section
 * 12). Immutable.
 *
 * @param classes number of classes by output
 * @param batched whether the first dimension of outputs is the batch
 * @param labels of the model that answers
 */
record ClassResults(Map<String, Long> classes, boolean batched, LabelLookup labels) {
    /** Leaves every tensor in its place. */
    static final ClassResults NONE = new ClassResults(Map.of(), false, LabelLookup.NONE);

    /** The classes that a request wants of a model. */
    static ClassResults of(DecodedInfer infer, ModelLease lease) {
        return infer.classification().isEmpty()
                ? NONE
                : new ClassResults(
                        infer.classification(), lease.model().config().batches(), lease.labels());
    }

    /**
     * The response with the outputs replaced of which classes are wanted.
     *
     * @throws StatusException INVALID_ARG if an output's elements cannot be ranked
     */
    @Owned
    InferenceResponse in(@Owned InferenceResponse response, TensorAllocator allocator) {
        if (classes.isEmpty()) {
            return response;
        }
        List<Tensor> outputs = new ArrayList<>();
        boolean complete = false;
        try {
            for (Tensor output : response.outputs()) {
                Long count = classes.get(output.name());
                outputs.add(
                        count == null
                                ? output.retain()
                                : Classification.of(
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
