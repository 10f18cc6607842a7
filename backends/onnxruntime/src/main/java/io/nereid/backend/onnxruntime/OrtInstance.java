package io.nereid.backend.onnxruntime;

import io.nereid.backend.Batch;
import io.nereid.backend.BatchTensors;
import io.nereid.backend.ModelInstance;
import io.nereid.backend.foreign.BatchIo;
import io.nereid.backend.foreign.ModelTensor;
import io.nereid.backend.foreign.Scratch;
import io.nereid.backend.foreign.WantedOutputs;
import io.nereid.protocol.Owned;
import io.nereid.protocol.Shape;
import io.nereid.protocol.Tensor;
import io.nereid.protocol.TensorAllocator;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Map;

/**
 * Executes batches on a session. Inputs are read where the requests have them; outputs are handed
 * on in the engine's memory.
 */
final class OrtInstance implements ModelInstance {
    private static final long SCRATCH_BYTES = 16 << 10;

    private final OrtSession session;
    private final TensorAllocator allocator;
    private final RunOptions runOptions;
    private final OrtOutputs outputs;
    private final Scratch scratch = new Scratch(SCRATCH_BYTES);
    private final WantedOutputs wantedOutputs = new WantedOutputs();
    private final NameArray inputNames;
    private final NameArray outputNames;

    OrtInstance(OrtSession session, TensorAllocator allocator, @Owned RunOptions runOptions) {
        this.session = session;
        this.allocator = allocator;
        this.runOptions = runOptions;
        OrtSignature signature = session.signature();
        this.inputNames =
                new NameArray(session, signature.inputs().size() + signature.defaulted().size());
        this.outputNames = new NameArray(session, signature.outputs().size());
        this.outputs = new OrtOutputs(session.engine().values(), allocator, scratch);
    }

    @Override
    public void execute(Batch batch) {
        scratch.reset();
        List<String> wanted = wantedOutputs.of(batch);
        try (BatchIo io = BatchIo.open(batch, allocator)) {
            io.require(batch.config().name(), session.signature().inputs().keySet());
            List<Tensor> answer = wanted.isEmpty() ? List.of() : run(batch, io.inputs(), wanted);
            BatchTensors.respond(batch, answer, Map.of());
        }
    }

    private @Owned List<Tensor> run(Batch batch, List<Tensor> inputs, List<String> wanted) {
        MemorySegment results = scratch.allocate(ValueLayout.ADDRESS, wanted.size()).fill((byte) 0);
        MemorySegment values = scratch.allocate(ValueLayout.ADDRESS, inputs.size());
        int open = 0;
        try {
            for (Tensor input : inputs) {
                values.setAtIndex(ValueLayout.ADDRESS, open, openValue(input));
                open++;
            }
            batch.inputsReady();
            session.run(
                    runOptions.pointer(),
                    new OrtSession.NamedValues(
                            inputNames.of(open, index -> inputs.get(index).name()), values, open),
                    new OrtSession.NamedValues(
                            outputNames.of(wanted.size(), wanted::get), results, wanted.size()));
            batch.outputsReady();
        } finally {
            for (int i = 0; i < open; i++) {
                session.engine().values().release(values.getAtIndex(ValueLayout.ADDRESS, i));
            }
        }
        return outputs.take(batch.config(), wanted, results, inputs);
    }

    private MemorySegment openValue(Tensor input) {
        ModelTensor declared = session.signature().inputs().get(input.name());
        boolean scalar = declared != null && declared.isScalar();
        return session.engine()
                .values()
                .open(input, scalar ? Shape.EMPTY : input.shape(), scratch, allocator.copies());
    }

    @Override
    public void close() {
        runOptions.close();
        inputNames.close();
        outputNames.close();
        scratch.close();
    }
}
