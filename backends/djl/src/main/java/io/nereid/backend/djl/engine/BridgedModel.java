package io.nereid.backend.djl.engine;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.SymbolBlock;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;
import io.nereid.backend.Batch;
import io.nereid.backend.djl.LoadedModel;
import io.nereid.backend.djl.TensorDescription;
import io.nereid.protocol.Owned;
import io.nereid.protocol.Tensor;
import io.nereid.protocol.TensorAllocator;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A loaded model. Each run has an {@link NDManager} of its own, which frees the engine's arrays at
 * its end, also after a failure; the block itself may run on several threads at a time.
 */
final class BridgedModel implements LoadedModel {
    private final Model model;
    private final boolean copiesInputs;
    private final List<TensorDescription> inputs;

    /**
     * @param model owned from now on
     * @param copiesInputs whether the engine copies what it is given
     */
    BridgedModel(@Owned Model model, boolean copiesInputs) {
        this.model = model;
        this.copiesInputs = copiesInputs;
        this.inputs = describe(model);
    }

    @Override
    public List<TensorDescription> inputs() {
        return inputs;
    }

    @Override
    public @Owned List<Tensor> run(
            Batch batch,
            List<Tensor> tensors,
            List<String> outputNames,
            Set<String> wanted,
            TensorAllocator allocator) {
        try (NDManager manager = model.getNDManager().newSubManager()) {
            NDList arrays = new NDList(tensors.size());
            for (Tensor tensor : tensors) {
                arrays.add(NdArrays.of(tensor, manager, copiesInputs, allocator.copies()));
            }
            batch.inputsReady();
            NDList results =
                    model.getBlock().forward(new ParameterStore(manager, false), arrays, false);
            batch.outputsReady();
            return outputs(results, outputNames, wanted, allocator);
        }
    }

    private static @Owned List<Tensor> outputs(
            NDList results,
            List<String> outputNames,
            Set<String> wanted,
            TensorAllocator allocator) {
        List<Tensor> outputs = new ArrayList<>(wanted.size());
        try {
            for (int i = 0; i < results.size(); i++) {
                NDArray result = results.get(i);
                Optional<String> name =
                        Optional.ofNullable(result.getName())
                                .or(() -> outputNames.stream().skip(outputs.size()).findFirst());
                if (name.filter(wanted::contains).isPresent()) {
                    outputs.add(NdArrays.toTensor(name.get(), result, allocator));
                }
            }
            return outputs;
        } catch (RuntimeException e) {
            outputs.forEach(output -> output.buffer().close());
            throw e;
        }
    }

    /** Engines without named inputs take them in the configuration's order. */
    private static List<TensorDescription> describe(Model model) {
        if (!(model.getBlock() instanceof SymbolBlock block)) {
            return List.of();
        }
        PairList<String, ?> described = block.describeInput();
        return described.keys().stream().map(TensorDescription::ofName).toList();
    }

    @Override
    public void close() {
        model.close();
    }
}
