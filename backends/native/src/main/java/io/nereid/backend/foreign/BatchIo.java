package io.nereid.backend.foreign;

import io.nereid.backend.Batch;
import io.nereid.backend.BatchTensors;
import io.nereid.protocol.ModelConfig;
import io.nereid.protocol.Shape;
import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.Tensor;
import io.nereid.protocol.TensorAllocator;
import io.nereid.protocol.TensorSpec;
import io.nereid.protocol.proto.ModelConfigProto.BatchInput;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/** What an engine reads from a batch: its inputs, gathered. */
public final class BatchIo implements AutoCloseable {
    private final List<Tensor> inputs = new ArrayList<>();

    private BatchIo() {}

    /**
     * All inputs of a batch, in the order of its first request, and those computed from them; the
     * caller closes the result.
     *
     * @param allocator memory for batches of several requests
     */
    public static BatchIo open(Batch batch, TensorAllocator allocator) {
        BatchIo io = new BatchIo();
        boolean complete = false;
        try {
            for (Tensor input : batch.request(0).inputs()) {
                io.inputs.add(
                        isRagged(batch.config(), input.name())
                                ? RaggedInputs.join(batch, input.name(), allocator)
                                : BatchTensors.gather(batch, input.name(), allocator));
            }
            for (BatchInput computed : batch.config().message().getBatchInputList()) {
                io.inputs.add(RaggedInputs.compute(batch, computed, allocator));
            }
            complete = true;
            return io;
        } finally {
            if (!complete) {
                io.close();
            }
        }
    }

    private static boolean isRagged(ModelConfig config, String input) {
        return config.input(input).map(TensorSpec::ragged).orElse(false);
    }

    /**
     * Checks that the batch has all inputs, since engines run into a gap.
     *
     * @throws StatusException INTERNAL naming the first that is missing
     */
    public void require(String model, Collection<String> names) {
        for (String name : names) {
            if (!has(name)) {
                throw new StatusException(
                        StatusCode.INTERNAL,
                        "input '" + name + "' of model '" + model + "' has no value");
            }
        }
    }

    private boolean has(String name) {
        for (Tensor input : inputs) {
            if (input.name().equals(name)) {
                return true;
            }
        }
        return false;
    }

    /**
     * Checks an input's shape, for engines that do not.
     *
     * @param declared what the model says of the input
     * @throws StatusException INTERNAL if it does not fit
     */
    public static void requireShape(String model, Tensor input, ModelTensor declared) {
        Optional<Shape> shape = declared.shape();
        if (shape.isPresent()
                && shape.get().rank() > 0
                && !shape.get().isCompatibleWith(input.shape())) {
            throw new StatusException(
                    StatusCode.INTERNAL,
                    "input '"
                            + input.name()
                            + "' of model '"
                            + model
                            + "' has shape "
                            + input.shape()
                            + ", the model expects "
                            + shape.get());
        }
    }

    /**
     * The shape of an engine's output. A tensor without dimensions has, where nothing batches, the
     * dimensions configured for it (validation section 16).
     */
    public static Shape apiRank(ModelConfig config, Tensor output) {
        if (output.shape().rank() > 0 || config.batches()) {
            return output.shape();
        }
        return config.output(output.name()).map(TensorSpec::modelDims).orElse(output.shape());
    }

    /** The inputs, borrowed. */
    public List<Tensor> inputs() {
        return inputs;
    }

    @Override
    public void close() {
        inputs.forEach(input -> input.buffer().close());
    }
}
