package io.nereid.ensemble;

import io.nereid.backend.Model;
import io.nereid.protocol.ComputeNanos;
import io.nereid.protocol.InferenceRequest;
import io.nereid.protocol.InferenceResponse;
import io.nereid.protocol.ModelConfig;
import io.nereid.protocol.Owned;
import io.nereid.protocol.Parameter;
import io.nereid.protocol.ResponseSender;
import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.Tensor;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.function.Function;

/** A step's model: answers on the executor that the test gives it, in place if it wants. */
final class FakeModel implements Model {
    private final ModelConfig config;
    private final Executor executor;
    private final Function<InferenceRequest, List<Tensor>> behaviour;
    private final List<InferenceRequest> seen = new CopyOnWriteArrayList<>();
    private final List<String> shapes = new CopyOnWriteArrayList<>();
    private volatile Map<String, Parameter> parameters = Map.of();
    private volatile ComputeNanos compute = ComputeNanos.NONE;

    /**
     * @param behaviour outputs for a request, one reference each; may throw StatusException
     */
    FakeModel(
            ModelConfig config,
            Executor executor,
            Function<InferenceRequest, List<Tensor>> behaviour) {
        this.config = config;
        this.executor = executor;
        this.behaviour = behaviour;
    }

    /** Parameters of the responses from now on. */
    void setParameters(Map<String, Parameter> newParameters) {
        parameters = newParameters;
    }

    /** What executions are said to take from now on. */
    void setCompute(ComputeNanos newCompute) {
        compute = newCompute;
    }

    /** Requests so far, in order. */
    List<InferenceRequest> seen() {
        return seen;
    }

    /** Shapes of the inputs of the requests so far, such as {@code IN[1,2]}. */
    List<String> shapes() {
        return shapes;
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
        seen.add(request);
        request.inputs().forEach(input -> shapes.add(input.name() + input.shape()));
        executor.execute(() -> answer(request, sender));
    }

    private void answer(InferenceRequest request, ResponseSender sender) {
        InferenceResponse response;
        try {
            if (request.isCancelled()) {
                throw new StatusException(StatusCode.CANCELLED, "");
            }
            response =
                    new InferenceResponse(
                            request.id(), config.name(), 1, parameters, behaviour.apply(request));
        } catch (StatusException e) {
            request.close();
            sender.fail(e);
            return;
        }
        request.close();
        request.computed(compute);
        sender.send(response, true);
    }

    @Override
    public void close() {}
}
