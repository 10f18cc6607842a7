package io.nereid.backend.djl;

import io.nereid.backend.Batch;
import io.nereid.backend.BatchTensors;
import io.nereid.backend.ModelInstance;
import io.nereid.protocol.DataType;
import io.nereid.protocol.ModelConfig;
import io.nereid.protocol.Owned;
import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.Tensor;
import io.nereid.protocol.TensorAllocator;
import io.nereid.protocol.proto.ModelConfigProto.ModelSequenceBatching.State;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** Runs batches on weights that it borrows from its model. */
final class DjlInstance implements ModelInstance {
    private static final String KERAS_SYMPTOM = "Could not find variable";
    private static final String KERAS_HINT =
            "; a compiled Keras 3 model must be saved with model.export(), not with"
                    + " tf.saved_model.save()";

    private final ModelConfig config;
    private final String engine;
    private final LoadedModel model;
    private final TensorAllocator allocator;
    private final List<String> inputNames;

    /** What the model's outputs are to be, states of sequences included. */
    private final Map<String, DataType> outputTypes = new LinkedHashMap<>();

    DjlInstance(ModelConfig config, String engine, LoadedModel model, TensorAllocator allocator) {
        this.config = config;
        this.engine = engine;
        this.model = model;
        this.allocator = allocator;
        this.inputNames =
                model.inputs().isEmpty()
                        ? List.copyOf(config.inputs().keySet())
                        : model.inputs().stream().map(TensorDescription::name).toList();
        config.outputs().forEach((name, spec) -> outputTypes.put(name, spec.type()));
        for (State state : config.message().getSequenceBatching().getStateList()) {
            outputTypes.put(state.getOutputName(), DataType.ofConfig(state.getDataType()));
        }
    }

    @Override
    public void execute(Batch batch) {
        List<Tensor> inputs = new ArrayList<>(inputNames.size());
        List<Tensor> outputs;
        try {
            for (String name : inputNames) {
                requireInput(batch, name);
                inputs.add(BatchTensors.gather(batch, name, allocator));
            }
            outputs = run(batch, inputs);
        } finally {
            inputs.forEach(input -> input.buffer().close());
        }
        BatchTensors.respond(batch, outputs, Map.of());
    }

    /** The scheduler checks requests, but adds controls and states of sequences itself. */
    private void requireInput(Batch batch, String name) {
        for (int i = 0; i < batch.size(); i++) {
            if (batch.request(i).input(name).isEmpty()) {
                throw StatusException.invalidArgument(
                        batch.request(i).idPrefix()
                                + "input '"
                                + name
                                + "' of model '"
                                + config.name()
                                + "' is missing");
            }
        }
    }

    private @Owned List<Tensor> run(Batch batch, List<Tensor> inputs) {
        Set<String> wanted = wanted(batch);
        List<Tensor> outputs;
        try {
            outputs =
                    model.run(batch, inputs, List.copyOf(outputTypes.keySet()), wanted, allocator);
        } catch (StatusException e) {
            throw e;
        } catch (RuntimeException e) {
            throw new StatusException(StatusCode.INTERNAL, failure(Causes.text(e)), e);
        }
        String fault = fault(outputs, wanted);
        if (!fault.isEmpty()) {
            outputs.forEach(output -> output.buffer().close());
            throw new StatusException(StatusCode.INTERNAL, fault);
        }
        return outputs;
    }

    private String failure(String reason) {
        String text =
                "DJL's engine " + engine + " failed on model '" + config.name() + "': " + reason;
        return reason.contains(KERAS_SYMPTOM) ? text + KERAS_HINT : text;
    }

    /** What is wrong with the outputs; empty if nothing is. */
    private String fault(List<Tensor> outputs, Set<String> wanted) {
        Set<String> missing = new TreeSet<>(wanted);
        for (Tensor output : outputs) {
            missing.remove(output.name());
            DataType expected = outputTypes.get(output.name());
            if (expected != null && output.type() != expected) {
                return "unexpected datatype "
                        + output.type().wireName()
                        + " of output '"
                        + output.name()
                        + "' of model '"
                        + config.name()
                        + "', the configuration says "
                        + expected.wireName();
            }
        }
        return missing.isEmpty()
                ? ""
                : "model '" + config.name() + "' did not produce the output(s) " + missing;
    }

    private Set<String> wanted(Batch batch) {
        Set<String> wanted = new TreeSet<>(batch.stateOutputs());
        for (int i = 0; i < batch.size(); i++) {
            wanted.addAll(batch.request(i).requestedOutputs());
        }
        wanted.retainAll(outputTypes.keySet());
        return wanted;
    }

    /** The weights are the model's. */
    @Override
    public void close() {}
}
