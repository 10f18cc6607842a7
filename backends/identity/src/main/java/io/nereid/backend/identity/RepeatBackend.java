package io.nereid.backend.identity;

import io.nereid.backend.Backend;
import io.nereid.backend.BackendEnvironment;
import io.nereid.backend.BackendModel;
import io.nereid.backend.ModelFiles;
import io.nereid.protocol.DataType;
import io.nereid.protocol.ModelConfig;
import io.nereid.protocol.Owned;
import io.nereid.protocol.Shape;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.TensorAllocator;
import io.nereid.protocol.TensorSpec;
import java.util.Map;

/**
 * {@code backend: "repeat"}: answers a request with one response for each element of {@code IN},
 * {@code DELAY} milliseconds apart (example backends). For tests of decoupled models.
 */
public final class RepeatBackend implements Backend {
    private static final Shape ANY = Shape.of(Shape.ANY);
    private static final Shape ONE = Shape.of(1);

    private TensorAllocator allocator = new UnopenedAllocator();

    @Override
    public String name() {
        return "repeat";
    }

    @Override
    public void open(BackendEnvironment environment) {
        allocator = environment.allocator();
    }

    /**
     * Checks that the configuration is the one this backend is made for.
     *
     * @throws StatusException INVALID_ARG naming what differs
     */
    @Override
    public @Owned BackendModel openModel(ModelConfig config, ModelFiles files) {
        if (config.batches()) {
            throw mismatch(config, "'max_batch_size' 0", Integer.toString(config.maxBatchSize()));
        }
        if (!config.decoupled()) {
            throw mismatch(
                    config, "'model_transaction_policy { decoupled: true }'", "decoupled false");
        }
        checkNames(config, "inputs IN, DELAY and WAIT", config.inputs(), 3);
        checkNames(config, "outputs OUT and IDX", config.outputs(), 2);
        check(config, config.inputs(), "IN", DataType.INT32, ANY);
        check(config, config.inputs(), "DELAY", DataType.UINT32, ANY);
        check(config, config.inputs(), "WAIT", DataType.UINT32, ONE);
        check(config, config.outputs(), "OUT", DataType.INT32, ONE);
        check(config, config.outputs(), "IDX", DataType.UINT32, ONE);
        return new RepeatModel(config, allocator);
    }

    @Override
    public void close() {}

    private static void checkNames(
            ModelConfig config, String expected, Map<String, TensorSpec> tensors, int count) {
        if (tensors.size() != count) {
            throw mismatch(config, expected, tensors.keySet().toString());
        }
    }

    private static void check(
            ModelConfig config,
            Map<String, TensorSpec> tensors,
            String name,
            DataType type,
            Shape dims) {
        String expected = "a tensor '" + name + "' of " + type.configType() + " and " + dims;
        TensorSpec spec = tensors.get(name);
        if (spec == null) {
            throw mismatch(config, expected, tensors.keySet().toString());
        }
        // An extent that is fixed by the configuration only narrows what requests may bring.
        if (spec.type() != type || !dims.isCompatibleWith(spec.modelDims())) {
            throw mismatch(config, expected, spec.type().configType() + " and " + spec.modelDims());
        }
    }

    private static StatusException mismatch(ModelConfig config, String expected, String found) {
        return StatusException.invalidArgument(
                "model '"
                        + config.name()
                        + "' of the repeat backend needs "
                        + expected
                        + ", got "
                        + found);
    }
}
