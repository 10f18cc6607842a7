package io.nereid.backend.identity;

import io.nereid.backend.Batch;
import io.nereid.backend.ModelInstance;
import io.nereid.protocol.DataType;
import io.nereid.protocol.InferenceRequest;
import io.nereid.protocol.Owned;
import io.nereid.protocol.Parameter;
import io.nereid.protocol.Shape;
import io.nereid.protocol.Tensor;
import io.nereid.protocol.TensorAllocator;
import io.nereid.protocol.TensorBuffer;
import io.nereid.protocol.TensorSpec;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Answers each request with references to its own inputs. */
final class IdentityInstance implements ModelInstance {
    private static final Map<String, Parameter> PARAMETERS = exampleParameters();

    private final List<IdentityModel.Pair> pairs;
    private final long delayNanos;
    private final TensorAllocator allocator;

    IdentityInstance(List<IdentityModel.Pair> pairs, long delayNanos, TensorAllocator allocator) {
        this.pairs = pairs;
        this.delayNanos = delayNanos;
        this.allocator = allocator;
    }

    @Override
    public void execute(Batch batch) {
        batch.inputsReady();
        IdentityBackend.awaitNanos(delayNanos);
        batch.outputsReady();
        for (int i = 0; i < batch.size(); i++) {
            batch.respond(i, outputs(batch.request(i), batch.config().batches()), PARAMETERS, true);
        }
    }

    @Override
    public boolean isBoundToThread() {
        return delayNanos > 0;
    }

    @Override
    public void close() {}

    private @Owned List<Tensor> outputs(InferenceRequest request, boolean batches) {
        List<Tensor> outputs = new ArrayList<>(pairs.size());
        boolean complete = false;
        try {
            for (IdentityModel.Pair pair : pairs) {
                if (request.requestedOutputs().contains(pair.output().name())) {
                    outputs.add(output(request, pair, batches));
                }
            }
            complete = true;
        } finally {
            if (!complete) {
                outputs.forEach(output -> output.buffer().close());
            }
        }
        return outputs;
    }

    private @Owned Tensor output(
            InferenceRequest request, IdentityModel.Pair pair, boolean batches) {
        return request.input(pair.input().name())
                .map(input -> input.retain().withName(pair.output().name()))
                .orElseGet(() -> zeros(request, pair.output(), batches));
    }

    /** What an optional input that was left out becomes; variable extents count as 1. */
    private @Owned Tensor zeros(InferenceRequest request, TensorSpec output, boolean batches) {
        long[] dims = output.modelDims().toArray();
        for (int i = 0; i < dims.length; i++) {
            dims[i] = dims[i] == Shape.ANY ? 1 : dims[i];
        }
        Shape item = Shape.of(dims);
        Shape shape = batches ? item.withLeading(Math.max(1, request.batchSize())) : item;
        int elementSize = output.type() == DataType.BYTES ? 4 : output.type().byteSize();
        TensorBuffer buffer = allocator.allocate(shape.elementCount() * elementSize);
        buffer.segment().fill((byte) 0);
        return new Tensor(output.name(), output.type(), shape, buffer);
    }

    private static Map<String, Parameter> exampleParameters() {
        Map<String, Parameter> parameters = new LinkedHashMap<>();
        parameters.put("param0", new Parameter.StringValue("an example string parameter"));
        parameters.put("param1", new Parameter.Int64Value(42));
        parameters.put("param2", new Parameter.BoolValue(false));
        parameters.put("param3", new Parameter.DoubleValue(123.123));
        return Collections.unmodifiableMap(parameters);
    }
}
