package io.nereid.backend.tensorflow;

import io.nereid.backend.Batch;
import io.nereid.backend.BatchTensors;
import io.nereid.backend.ModelInstance;
import io.nereid.backend.foreign.BatchIo;
import io.nereid.backend.foreign.Scratch;
import io.nereid.backend.foreign.WantedOutputs;
import io.nereid.protocol.ModelConfig;
import io.nereid.protocol.Owned;
import io.nereid.protocol.Shape;
import io.nereid.protocol.Tensor;
import io.nereid.protocol.TensorAllocator;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Executes batches on a session. Inputs are read where the requests have them; outputs are handed
 * on in the engine's memory.
 */
final class TfInstance implements ModelInstance {
    private static final long SCRATCH_BYTES = 16 << 10;

    private final TfSession session;
    private final TfSignature signature;
    private final TfTensors tensors;
    private final TensorAllocator allocator;
    private final Scratch scratch = new Scratch(SCRATCH_BYTES);
    private final WantedOutputs wantedOutputs = new WantedOutputs();

    TfInstance(
            TfSession session,
            TfSignature signature,
            TfTensors tensors,
            TensorAllocator allocator) {
        this.session = session;
        this.signature = signature;
        this.tensors = tensors;
        this.allocator = allocator;
    }

    @Override
    public void execute(Batch batch) {
        scratch.reset();
        List<String> wanted = wantedOutputs.of(batch);
        try (BatchIo io = BatchIo.open(batch, allocator)) {
            io.require(batch.config().name(), batch.config().inputs().keySet());
            for (Tensor input : io.inputs()) {
                BatchIo.requireShape(
                        batch.config().name(),
                        input,
                        port(signature.inputs(), input.name()).tensor());
            }
            List<Tensor> answer = wanted.isEmpty() ? List.of() : run(batch, io.inputs(), wanted);
            BatchTensors.respond(batch, answer, Map.of());
        }
    }

    private @Owned List<Tensor> run(Batch batch, List<Tensor> inputs, List<String> wanted) {
        MemorySegment results = scratch.allocate(ValueLayout.ADDRESS, wanted.size()).fill((byte) 0);
        MemorySegment outputPlaces = scratch.allocate(TfPort.LAYOUT, wanted.size());
        int index = 0;
        for (String name : wanted) {
            port(signature.outputs(), name).write(outputPlaces, index++);
        }
        MemorySegment values = scratch.allocate(ValueLayout.ADDRESS, inputs.size());
        MemorySegment inputPlaces = scratch.allocate(TfPort.LAYOUT, inputs.size());
        int open = 0;
        try {
            for (Tensor input : inputs) {
                TfPort port = port(signature.inputs(), input.name());
                Shape shape = port.tensor().isScalar() ? Shape.EMPTY : input.shape();
                port.write(inputPlaces, open);
                values.setAtIndex(ValueLayout.ADDRESS, open, tensors.open(input, shape, scratch));
                open++;
            }
            batch.inputsReady();
            session.run(
                    new TfSession.PlacedTensors(inputPlaces, values, open),
                    new TfSession.PlacedTensors(outputPlaces, results, wanted.size()));
            batch.outputsReady();
        } finally {
            for (int i = 0; i < open; i++) {
                tensors.delete(values.getAtIndex(ValueLayout.ADDRESS, i));
            }
        }
        return take(batch.config(), wanted, results);
    }

    private @Owned List<Tensor> take(
            ModelConfig config, List<String> names, @Owned MemorySegment results) {
        List<Tensor> outputs = new ArrayList<>(names.size());
        int taken = 0;
        try {
            for (String name : names) {
                MemorySegment value = results.getAtIndex(ValueLayout.ADDRESS, taken);
                taken++;
                Tensor output = tensors.take(name, value);
                outputs.add(output.withShape(BatchIo.apiRank(config, output)));
            }
            List<Tensor> complete = List.copyOf(outputs);
            outputs.clear();
            return complete;
        } finally {
            outputs.forEach(output -> output.buffer().close());
            for (int i = taken; i < names.size(); i++) {
                tensors.delete(results.getAtIndex(ValueLayout.ADDRESS, i));
            }
        }
    }

    private static TfPort port(Map<String, TfPort> ports, String name) {
        TfPort port = ports.get(name);
        if (port == null) {
            throw new IllegalStateException("the graph has no tensor '" + name + "'");
        }
        return port;
    }

    @Override
    public void close() {
        scratch.close();
    }
}
