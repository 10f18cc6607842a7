package io.nereid.backend.djl;

import io.nereid.backend.Batch;
import io.nereid.protocol.Owned;
import io.nereid.protocol.Tensor;
import io.nereid.protocol.TensorAllocator;
import java.util.List;
import java.util.Set;

/** Weights on one device. {@link #run} may be called by several threads at a time. */
public interface LoadedModel extends AutoCloseable {
    /** Inputs in the engine's order, as far as the engine tells. */
    List<TensorDescription> inputs();

    /**
     * Runs the model once.
     *
     * @param batch what the run is for; told when its inputs and outputs are ready
     * @param inputs in the order of {@link #inputs}, in the model's shapes; borrowed
     * @param outputNames names by position, for engines that do not name their outputs
     * @param wanted names of the outputs to hand over
     * @return outputs in the engine's order, in blocks of {@code allocator}
     */
    @Owned
    List<Tensor> run(
            Batch batch,
            List<Tensor> inputs,
            List<String> outputNames,
            Set<String> wanted,
            TensorAllocator allocator);

    @Override
    void close();
}
