package io.nereid.backend.tensorflow;

import io.nereid.backend.BackendModel;
import io.nereid.backend.InstanceSpec;
import io.nereid.backend.ModelInstance;
import io.nereid.backend.foreign.CpuOnly;
import io.nereid.protocol.Owned;
import io.nereid.protocol.TensorAllocator;

/** One version of a model: a session that all instances share, since its runs may overlap. */
final class TfModel implements BackendModel {
    private final String name;
    private final TfSession session;
    private final TfSignature signature;
    private final TfTensors tensors;
    private final TensorAllocator allocator;

    /**
     * @param session closed with this model
     */
    TfModel(
            String name,
            @Owned TfSession session,
            TfSignature signature,
            TfTensors tensors,
            TensorAllocator allocator) {
        this.name = name;
        this.session = session;
        this.signature = signature;
        this.tensors = tensors;
        this.allocator = allocator;
    }

    @Override
    public ModelInstance openInstance(InstanceSpec spec) {
        CpuOnly.check(name, spec);
        return new TfInstance(session, signature, tensors, allocator);
    }

    @Override
    public void close() {
        session.close();
    }
}
