package io.nereid.ensemble;

import io.nereid.backend.ExecutionListener;
import io.nereid.backend.Model;
import io.nereid.backend.ModelLease;
import io.nereid.backend.TestConfigs;
import io.nereid.protocol.DataType;
import io.nereid.protocol.InferenceRequest;
import io.nereid.protocol.InferenceResponse;
import io.nereid.protocol.Owned;
import io.nereid.protocol.RecordingSender;
import io.nereid.protocol.Shape;
import io.nereid.protocol.Tensor;
import io.nereid.protocol.TensorAllocator;
import io.nereid.protocol.TensorBuffer;
import java.lang.foreign.ValueLayout;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.LongSupplier;

/** Makes ensembles of INT32 tensors with one element for tests. */
final class TestGraph {
    private final String name;
    private final StringBuilder tensors = new StringBuilder();
    private final StringBuilder steps = new StringBuilder();
    private final Map<String, Model> models = new LinkedHashMap<>();
    private final TensorAllocator allocator;
    private String more = "";
    private RunLimits limits = RunLimits.DEFAULT;
    private ExecutionListener listener = ExecutionListener.NONE;
    private LongSupplier nanoTime = () -> 0;

    TestGraph(String name, TensorAllocator allocator, List<String> inputs, List<String> outputs) {
        this.name = name;
        this.allocator = allocator;
        inputs.forEach(input -> tensors.append("input ").append(HandModel.tensor(input)));
        outputs.forEach(output -> tensors.append("output ").append(HandModel.tensor(output)));
    }

    /**
     * Adds a step.
     *
     * @param inputs from the model's inputs to tensors
     * @param outputs from the model's outputs to tensors
     */
    TestGraph step(Model model, Map<String, String> inputs, Map<String, String> outputs) {
        models.put(model.config().name(), model);
        steps.append(
                "step { model_name: \"%s\" model_version: -1 ".formatted(model.config().name()));
        inputs.forEach((key, value) -> steps.append(entry("input_map", key, value)));
        outputs.forEach((key, value) -> steps.append(entry("output_map", key, value)));
        steps.append("} ");
        return this;
    }

    private static String entry(String map, String key, String value) {
        return "%s { key: \"%s\" value: \"%s\" } ".formatted(map, key, value);
    }

    /** As a repository does it for an ensemble with a decoupled step. */
    TestGraph decoupled() {
        more = "model_transaction_policy { decoupled: true }";
        return this;
    }

    TestGraph maxInflight(int limit) {
        steps.append("max_inflight_requests: ").append(limit);
        return this;
    }

    TestGraph within(RunLimits newLimits) {
        limits = newLimits;
        return this;
    }

    TestGraph telling(ExecutionListener newListener) {
        listener = newListener;
        return this;
    }

    TestGraph at(LongSupplier newNanoTime) {
        nanoTime = newNanoTime;
        return this;
    }

    EnsembleScheduler open() {
        return new EnsembleScheduler(
                TestConfigs.parse(
                        "name: \"%s\" platform: \"ensemble\" %s %s ensemble_scheduling { %s }"
                                .formatted(name, tensors, more, steps)),
                1,
                (model, version) ->
                        ModelLease.borrowed(Optional.ofNullable(models.get(model)).orElseThrow()),
                listener,
                nanoTime,
                limits);
    }

    /** A validated request for all outputs. */
    @Owned
    InferenceRequest request(Model ensemble, int... inputs) {
        InferenceRequest request = unchecked(ensemble, inputs);
        ensemble.config().validator().validate(request);
        return request;
    }

    /** A request that is not validated yet. */
    @Owned
    InferenceRequest unchecked(Model ensemble, int... inputs) {
        InferenceRequest request = new InferenceRequest(name, OptionalLong.empty());
        List<String> names = List.copyOf(ensemble.config().inputs().keySet());
        for (int i = 0; i < inputs.length; i++) {
            request.addInput(number(names.get(i), inputs[i]));
        }
        return request;
    }

    /** Asks, for all outputs. */
    RecordingSender ask(Model ensemble, int... inputs) {
        RecordingSender sender = new RecordingSender();
        ensemble.infer(request(ensemble, inputs), sender);
        return sender;
    }

    /** A tensor of one element. */
    @Owned
    Tensor number(String tensor, int value) {
        TensorBuffer buffer = allocator.allocate(Integer.BYTES);
        buffer.segment().set(ValueLayout.JAVA_INT, 0, value);
        return new Tensor(tensor, DataType.INT32, Shape.of(1), buffer);
    }

    /** The element of a tensor. */
    static int value(Tensor tensor) {
        return tensor.buffer().segment().get(ValueLayout.JAVA_INT, 0);
    }

    /** The outputs of a response, by name. */
    static Map<String, Integer> values(InferenceResponse response) {
        Map<String, Integer> values = new LinkedHashMap<>();
        response.outputs().forEach(output -> values.put(output.name(), value(output)));
        return values;
    }
}
