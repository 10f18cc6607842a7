package io.nereid.ensemble;

import io.nereid.backend.Model;
import io.nereid.protocol.InferenceRequest;
import io.nereid.protocol.Owned;
import io.nereid.protocol.StatusException;
import java.util.Map;

/** Makes the request to the model of a step (schedulers section 14.3). */
final class StepRequests {
    private StepRequests() {}

    /**
     * A request with everything that the ensemble's request carries, for the outputs that are
     * needed, validated against the model.
     *
     * @param inputs by their names in the model
     * @throws StatusException INVALID_ARG if the model does not take these inputs
     */
    static @Owned InferenceRequest open(
            InferenceRequest parent,
            SequenceMark mark,
            EnsembleGraph.Step step,
            EnsemblePlan plan,
            @Owned Map<String, RunTensor> inputs,
            Model model) {
        InferenceRequest request = new InferenceRequest(step.modelName(), step.modelVersion());
        request.setId(parent.id());
        request.setCorrelationId(mark.id());
        request.setSequenceStart(mark.start());
        request.setSequenceEnd(mark.end());
        request.setPriority(parent.priority());
        request.setTimeoutMicros(parent.timeoutMicros());
        request.setTrace(parent.trace().child(model.config().name(), model.version()));
        parent.parameters().forEach(request::setParameter);
        step.outputs()
                .forEach((output, tensor) -> {
                    if (plan.isNeeded(tensor)) {
                        request.addRequestedOutput(output);
                    }
                });
        inputs.forEach((name, tensor) -> request.addInput(tensor.asInput(name, model.config())));
        boolean valid = false;
        try {
            model.config().validator().validate(request);
            valid = true;
        } finally {
            if (!valid) {
                request.close();
            }
        }
        return request;
    }
}
