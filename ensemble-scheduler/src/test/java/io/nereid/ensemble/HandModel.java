package io.nereid.ensemble;

import io.nereid.backend.Model;
import io.nereid.backend.TestConfigs;
import io.nereid.protocol.ComputeNanos;
import io.nereid.protocol.InferenceRequest;
import io.nereid.protocol.InferenceResponse;
import io.nereid.protocol.ModelConfig;
import io.nereid.protocol.Owned;
import io.nereid.protocol.Parameter;
import io.nereid.protocol.ResponseSender;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A step's model whose answers a test gives by hand, also wrong ones. Used by one thread. */
final class HandModel implements Model {
    /** A request that the model has taken, and closed. */
    record Question(InferenceRequest request, ResponseSender sender, Map<String, Integer> inputs) {
        /** The element of an input. */
        int input(String name) {
            return Optional.ofNullable(inputs.get(name)).orElseThrow();
        }
    }

    private final ModelConfig config;
    private final List<Question> questions = new ArrayList<>();

    private HandModel(ModelConfig config) {
        this.config = config;
    }

    /**
     * A model without batch dimension, of INT32 tensors with one element.
     *
     * @param more added to its configuration
     */
    static HandModel of(String name, List<String> inputs, List<String> outputs, String more) {
        StringBuilder text = new StringBuilder("name: \"%s\" %s ".formatted(name, more));
        inputs.forEach(input -> text.append("input ").append(tensor(input)));
        outputs.forEach(output -> text.append("output ").append(tensor(output)));
        return new HandModel(TestConfigs.parse(text.toString()));
    }

    /** A model that may respond any number of times. */
    static HandModel decoupled(String name, List<String> inputs, List<String> outputs) {
        return of(name, inputs, outputs, "model_transaction_policy { decoupled: true }");
    }

    /** One tensor in a configuration. */
    static String tensor(String name) {
        return "{ name: \"%s\" data_type: TYPE_INT32 dims: [ 1 ] } ".formatted(name);
    }

    /** Requests so far that nobody has taken, in order. */
    List<Question> questions() {
        return questions;
    }

    /** Takes the oldest request. */
    Question next() {
        return questions.removeFirst();
    }

    /** Sends a response. */
    void respond(Question question, boolean last, @Owned Tensor... outputs) {
        respond(question, last, Map.of(), outputs);
    }

    /** Sends a response with parameters. */
    void respond(
            Question question,
            boolean last,
            Map<String, Parameter> parameters,
            @Owned Tensor... outputs) {
        question.sender()
                .send(
                        new InferenceResponse(
                                question.request().id(),
                                config.name(),
                                1,
                                parameters,
                                List.of(outputs)),
                        last);
    }

    /** Notes what the execution of a request took, as a scheduler does. */
    void took(Question question, long queueNanos, ComputeNanos compute) {
        InferenceRequest request = question.request();
        request.executed(request.arrivalNanos() + queueNanos, compute);
    }

    /** Ends a request as one that was cancelled. */
    void cancelled(Question question) {
        question.sender().fail(Cancellations.statusOf(question.request()));
    }

    /** Fails a request. */
    void fail(Question question, StatusException status) {
        question.sender().fail(status);
    }

    @Override
    public ModelConfig config() {
        return config;
    }

    @Override
    public long version() {
        return 1;
    }

    @Override
    public void infer(@Owned InferenceRequest request, ResponseSender sender) {
        Map<String, Integer> inputs = new LinkedHashMap<>();
        request.inputs().forEach(input -> inputs.put(input.name(), TestGraph.value(input)));
        request.close();
        questions.add(new Question(request, sender, inputs));
    }

    @Override
    public void close() {}
}
