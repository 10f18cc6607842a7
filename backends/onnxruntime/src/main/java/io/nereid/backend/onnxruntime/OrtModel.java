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
    private final SessionSettings settings;

    /**
     * @param session closed with this model
     * @param settings those that the session was made with
     */
    OrtModel(
            ModelConfig config,
            @Owned OrtSession session,
            TensorAllocator allocator,
            SessionSettings settings) {
        this.config = config;
        this.session = session;
        this.allocator = allocator;
        this.settings = settings;
    }

    @Override
    public ModelInstance openInstance(InstanceSpec spec) {
        CpuOnly.check(config.name(), spec);
        return new OrtInstance(
                session,
                allocator,
                RunOptions.open(session.engine(), settings.arenaShrinkage()),
                settings.parallel());
    }

    @Override
    public void close() {
        session.close();
    }
}
