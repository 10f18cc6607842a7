package io.nereid.backend.onnxruntime;

import io.nereid.backend.Batch;
import io.nereid.backend.BatchTensors;
import io.nereid.backend.ModelInstance;
import io.nereid.backend.foreign.BatchIo;
import io.nereid.backend.foreign.ModelTensor;
import io.nereid.backend.foreign.Scratch;
import io.nereid.backend.foreign.WantedOutputs;
import io.nereid.protocol.DataType;
import io.nereid.protocol.ModelConfig;
import io.nereid.protocol.Owned;
import io.nereid.protocol.Shape;
import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.Tensor;
import io.nereid.protocol.TensorAllocator;
import io.nereid.protocol.TensorBuffer;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Executes batches on a session. Inputs are read where the requests have them; outputs are written
 * where the answers are to have them, or are handed on in the engine's memory.
 */
final class OrtInstance implements ModelInstance {
    private static final Logger log = LoggerFactory.getLogger(OrtInstance.class);
    private static final long SCRATCH_BYTES = 16 << 10;

    private final OrtSession session;
    private final TensorAllocator allocator;
    private final RunOptions runOptions;
    private final boolean predictable;
    private final OrtOutputs outputs;
    private final Scratch scratch = new Scratch(SCRATCH_BYTES);
    private final WantedOutputs wantedOutputs = new WantedOutputs();
    private final OutputPlans plans = new OutputPlans();
    private final ValueCache values;
    private final NameArray inputNames;
    private final NameArray outputNames;

    /**
     * @param predictable whether an execution waits for no threads that models share, and takes as
     *     long as the sizes of its inputs say, whatever their values
     */
    OrtInstance(
            OrtSession session,
            TensorAllocator allocator,
            @Owned RunOptions runOptions,
            boolean predictable) {
        this.predictable = predictable;
        this.session = session;
        this.allocator = allocator;
        this.runOptions = runOptions;
        this.values = new ValueCache(session.engine().values());
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
        values.freeReplaced();
        List<MemorySegment> strings = new ArrayList<>(0);
        MemorySegment feeds = scratch.allocate(ValueLayout.ADDRESS, inputs.size());
        try {
            for (int i = 0; i < inputs.size(); i++) {
                feeds.setAtIndex(ValueLayout.ADDRESS, i, valueOf(inputs.get(i), strings));
            }
            batch.inputsReady();
            MemorySegment names = inputNames.of(inputs.size(), index -> inputs.get(index).name());
            OrtSession.NamedValues fed = new OrtSession.NamedValues(names, feeds, inputs.size());
            List<Tensor> answer = run(batch, inputs, fed, wanted);
            return apiShaped(batch.config(), answer);
        } finally {
            strings.forEach(session.engine().values()::release);
        }
    }

    private @Owned List<Tensor> run(
            Batch batch, List<Tensor> inputs, OrtSession.NamedValues fed, List<String> wanted) {
        OutputPlans.Key key = OutputPlans.Key.of(inputs, wanted);
        Optional<OutputPlan> plan = plans.find(key);
        if (plan.isPresent()) {
            try {
                return runInto(plan.get(), batch, fed, wanted);
            } catch (StatusException e) {
                if (e.code() != StatusCode.INTERNAL) {
                    throw e;
                }
                // Perhaps the outputs are others this time: then it succeeds without places.
                List<Tensor> answer = runFree(batch, inputs, fed, wanted).tensors();
                log.debug("outputs cannot be foretold: {}", e.text());
                plans.giveUp();
                return answer;
            }
        }
        OrtOutputs.Taken taken = runFree(batch, inputs, fed, wanted);
        plans.learn(key, taken.tensors(), taken.handedThrough());
        return taken.tensors();
    }

    /** Has the engine write the outputs into a block of the allocator's. */
    private @Owned List<Tensor> runInto(
            OutputPlan plan, Batch batch, OrtSession.NamedValues fed, List<String> wanted) {
        MemorySegment results = scratch.allocate(ValueLayout.ADDRESS, wanted.size());
        try (TensorBuffer block = allocator.allocate(plan.byteSize())) {
            MemorySegment bytes = block.segment();
            for (int i = 0; i < wanted.size(); i++) {
                OutputPlan.Place place = plan.tensors().get(i);
                MemorySegment part = bytes.asSlice(place.offset(), place.byteSize());
                results.setAtIndex(
                        ValueLayout.ADDRESS,
                        i,
                        values.of(part, place.type(), place.shape(), scratch));
            }
            session.run(runOptions.pointer(), fed, named(wanted, results));
            batch.outputsReady();
            List<Tensor> outputs = new ArrayList<>(wanted.size());
            for (int i = 0; i < wanted.size(); i++) {
                OutputPlan.Place place = plan.tensors().get(i);
                outputs.add(
                        new Tensor(
                                wanted.get(i),
                                place.type(),
                                place.shape(),
                                block.slice(place.offset(), place.byteSize())));
            }
            return outputs;
        }
    }

    /** Takes the outputs from where the engine leaves them. */
    private OrtOutputs.Taken runFree(
            Batch batch, List<Tensor> inputs, OrtSession.NamedValues fed, List<String> wanted) {
        MemorySegment results = scratch.allocate(ValueLayout.ADDRESS, wanted.size()).fill((byte) 0);
        session.run(runOptions.pointer(), fed, named(wanted, results));
        batch.outputsReady();
        return outputs.take(batch.config().name(), wanted, results, inputs);
    }

    private OrtSession.NamedValues named(List<String> wanted, MemorySegment results) {
        return new OrtSession.NamedValues(
                outputNames.of(wanted.size(), wanted::get), results, wanted.size());
    }

    private static @Owned List<Tensor> apiShaped(ModelConfig config, @Owned List<Tensor> outputs) {
        List<Tensor> shaped = new ArrayList<>(outputs.size());
        for (Tensor output : outputs) {
            shaped.add(output.withShape(BatchIo.apiRank(config, output)));
        }
        return shaped;
    }

    /** A value of an input, borrowed; if it holds strings it is also added to {@code strings}. */
    private MemorySegment valueOf(Tensor input, List<MemorySegment> strings) {
        ModelTensor declared = session.signature().inputs().get(input.name());
        boolean scalar = declared != null && declared.isScalar();
        Shape shape = scalar ? Shape.EMPTY : input.shape();
        if (input.type() != DataType.BYTES) {
            return values.of(input.buffer().segment(), input.type(), shape, scratch);
        }
        MemorySegment value =
                session.engine().values().ofStrings(input, shape, scratch, allocator.copies());
        strings.add(value);
        return value;
    }

    /** The engine runs on whichever thread calls it. */
    @Override
    public boolean isBoundToThread() {
        return !predictable;
    }

    @Override
    public void close() {
        runOptions.close();
        values.close();
        inputNames.close();
        outputNames.close();
        scratch.close();
    }
}
