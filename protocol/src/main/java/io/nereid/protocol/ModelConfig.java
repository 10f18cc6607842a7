package io.nereid.protocol;

import io.nereid.protocol.proto.ModelConfigProto;
import io.nereid.protocol.proto.ModelConfigProto.BatchOutput;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A complete, normalised and valid model configuration. Wraps the message, which is what the config
 * endpoints serve, and gives typed access where the message is awkward. Immutable; may be used from
 * any thread.
 */
public final class ModelConfig {
    private final ModelConfigProto.ModelConfig message;
    private final Map<String, TensorSpec> inputs;
    private final Map<String, TensorSpec> outputs;
    private final Map<String, String> parameters;
    private final Map<String, String> scatterSources;
    private final Scheduling scheduling;
    private final RequestValidator validator;

    private ModelConfig(ModelConfigProto.ModelConfig message) {
        this.message = message;
        this.inputs = byName(message.getInputList().stream().map(TensorSpec::of).toList());
        this.outputs = byName(message.getOutputList().stream().map(TensorSpec::of).toList());
        this.parameters =
                message.getParametersMap().entrySet().stream()
                        .collect(
                                Collectors.toUnmodifiableMap(
                                        Map.Entry::getKey, e -> e.getValue().getStringValue()));
        this.scatterSources = scatterSources(message.getBatchOutputList());
        this.scheduling = schedulingOf(message);
        this.validator = new RequestValidator(this);
    }

    /**
     * Checks a completed and normalised message and wraps it.
     *
     * @throws InvalidConfigException if it breaks a rule of model-config sections 4 to 10
     */
    public static ModelConfig of(ModelConfigProto.ModelConfig message) {
        ModelConfigRules.checkStructure(message);
        ModelConfigRules.checkTensors(message);
        return new ModelConfig(message);
    }

    /** The message, served as is by the config endpoints. */
    public ModelConfigProto.ModelConfig message() {
        return message;
    }

    /** Name of the model. */
    public String name() {
        return message.getName();
    }

    /** Platform if there is one, else backend: what metadata calls the platform. */
    public String platform() {
        return message.getPlatform().isEmpty() ? message.getBackend() : message.getPlatform();
    }

    /** Largest batch; 0 for a model without batch dimension. */
    public int maxBatchSize() {
        return message.getMaxBatchSize();
    }

    /** Whether every input and output has a batch dimension in front of its dims. */
    public boolean batches() {
        return message.getMaxBatchSize() > 0;
    }

    /** Inputs by name, in configuration order. */
    public Map<String, TensorSpec> inputs() {
        return inputs;
    }

    /** Outputs by name, in configuration order. */
    public Map<String, TensorSpec> outputs() {
        return outputs;
    }

    /** The input of that name. */
    public Optional<TensorSpec> input(String name) {
        return Optional.ofNullable(inputs.get(name));
    }

    /** The output of that name. */
    public Optional<TensorSpec> output(String name) {
        return Optional.ofNullable(outputs.get(name));
    }

    /** Free parameters, read by backends. */
    public Map<String, String> parameters() {
        return parameters;
    }

    /**
     * The input whose shape says how large a request's part of an output is that the model writes
     * in one row for all requests ({@code BATCH_SCATTER_WITH_INPUT_SHAPE}, schedulers section 7).
     */
    public Optional<String> scatterSource(String output) {
        return Optional.ofNullable(scatterSources.get(output));
    }

    /** Whether a request may be answered by any number of responses. */
    public boolean decoupled() {
        return message.getModelTransactionPolicy().getDecoupled();
    }

    /** How requests are scheduled. */
    public Scheduling scheduling() {
        return scheduling;
    }

    /** Checks requests against this configuration. */
    public RequestValidator validator() {
        return validator;
    }

    /** Shape at the API of a tensor: dims with the batch dimension in front. */
    public Shape apiShape(TensorSpec spec) {
        return batches() ? spec.dims().withLeading(Shape.ANY) : spec.dims();
    }

    /**
     * Shape at the API of an output that the engine produced with {@code modelShape} (validation
     * section 16): the batch dimension is kept, the rest becomes the output's dims.
     */
    public Shape outputShape(TensorSpec output, Shape modelShape) {
        if (output.reshape().isEmpty()) {
            return modelShape;
        }
        if (!batches()) {
            return output.dims().fillFrom(output.reshape().get(), modelShape);
        }
        Shape item = modelShape.withoutLeading();
        return output.dims().fillFrom(output.reshape().get(), item).withLeading(modelShape.dim(0));
    }

    private static Map<String, String> scatterSources(List<BatchOutput> batchOutputs) {
        Map<String, String> sources = new HashMap<>();
        for (BatchOutput output : batchOutputs) {
            output.getTargetNameList()
                    .forEach(target -> sources.put(target, output.getSourceInput(0)));
        }
        return Map.copyOf(sources);
    }

    private static Map<String, TensorSpec> byName(List<TensorSpec> specs) {
        Map<String, TensorSpec> byName = new LinkedHashMap<>();
        specs.forEach(spec -> byName.put(spec.name(), spec));
        return Collections.unmodifiableMap(byName);
    }

    private static Scheduling schedulingOf(ModelConfigProto.ModelConfig message) {
        return switch (message.getSchedulingChoiceCase()) {
            case DYNAMIC_BATCHING -> dynamicBatching(message.getDynamicBatching());
            case SEQUENCE_BATCHING ->
                    new Scheduling.SequenceBatching(message.getSequenceBatching());
            case ENSEMBLE_SCHEDULING ->
                    new Scheduling.Ensemble(
                            message.getEnsembleScheduling().getStepList().stream()
                                    .map(ModelConfig::step)
                                    .toList());
            case SCHEDULINGCHOICE_NOT_SET -> new Scheduling.Direct();
        };
    }

    private static Scheduling dynamicBatching(ModelConfigProto.ModelDynamicBatching policy) {
        return new Scheduling.DynamicBatching(
                Set.copyOf(policy.getPreferredBatchSizeList()),
                policy.getMaxQueueDelayMicroseconds(),
                policy);
    }

    private static Scheduling.Step step(ModelConfigProto.ModelEnsembling.Step step) {
        return new Scheduling.Step(
                step.getModelName(),
                step.getModelVersion() < 0
                        ? OptionalLong.empty()
                        : OptionalLong.of(step.getModelVersion()),
                step.getInputMapMap(),
                step.getOutputMapMap());
    }

    @Override
    public String toString() {
        return "ModelConfig[" + name() + "]";
    }
}
