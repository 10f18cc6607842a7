package io.nereid.backend.onnxruntime;

import io.nereid.backend.BackendModel;
import io.nereid.backend.InstanceSpec;
import io.nereid.backend.ModelInstance;
import io.nereid.backend.foreign.CpuOnly;
import io.nereid.protocol.ModelConfig;
import io.nereid.protocol.Owned;
import io.nereid.protocol.TensorAllocator;

/** One version of a model: a session that all instances share, since its runs may overlap. */
final class OrtModel implements BackendModel {
    private final ModelConfig config;
    private final OrtSession session;
    private final TensorAllocator allocator;
    private final String arenaShrinkage;
    private final boolean predictable;

    /**
     * @param session closed with this model
     * @param arenaShrinkage see {@link SessionSettings}
     * @param predictable see {@link OrtInstance}
     */
    OrtModel(
            ModelConfig config,
            @Owned OrtSession session,
            TensorAllocator allocator,
            String arenaShrinkage,
            boolean predictable) {
        this.config = config;
        this.session = session;
        this.allocator = allocator;
        this.arenaShrinkage = arenaShrinkage;
        this.predictable = predictable;
    }

    @Override
    public ModelInstance openInstance(InstanceSpec spec) {
        CpuOnly.check(config.name(), spec);
        return new OrtInstance(
                session, allocator, RunOptions.open(session.engine(), arenaShrinkage), predictable);
    }

    @Override
    public void close() {
        session.close();
    }
}
