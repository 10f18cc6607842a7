package io.nereid.backend;

import io.nereid.protocol.InferenceRequest;
import io.nereid.protocol.InferenceResponse;
import io.nereid.protocol.ModelConfig;
import io.nereid.protocol.Owned;
import io.nereid.protocol.Parameter;
import io.nereid.protocol.ResponseSender;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.Tensor;
import io.nereid.protocol.TensorSpec;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;

/**
 * Requests that one instance executes together, and the only way to answer them. Borrowed by the
 * instance; used by one thread at a time. An instance that answers later than {@code execute}
 * returns keeps the batch.
 */
public final class Batch {
    /**
     * A request and the way back to who asked.
     *
     * @param request owned by the scheduler
     * @param sender the way back
     */
    public record Item(InferenceRequest request, ResponseSender sender) {}

    private final ModelConfig config;
    private final long version;
    private final List<Item> items;
    private final BitSet ended = new BitSet();

    public Batch(ModelConfig config, long version, List<Item> items) {
        this.config = config;
        this.version = version;
        this.items = List.copyOf(items);
    }

    /** Configuration of the model. */
    public ModelConfig config() {
        return config;
    }

    /** Number of requests. */
    public int size() {
        return items.size();
    }

    /** The request at {@code index}, borrowed. */
    public InferenceRequest request(int index) {
        return items.get(index).request();
    }

    /** Sum of the requests' batch sizes, each counted as one at least. */
    public int batchSize() {
        int sum = 0;
        for (Item item : items) {
            sum += Math.max(1, item.request().batchSize());
        }
        return sum;
    }

    /** Whether the request at {@code index} has been ended. */
    public boolean hasEnded(int index) {
        return ended.get(index);
    }

    /**
     * Answers a request.
     *
     * @param outputs in the order produced, in the model's shapes; only outputs that the request
     *     asks for
     * @param parameters response parameters, in order
     * @param last whether this ends the request
     */
    public void respond(
            int index,
            @Owned List<Tensor> outputs,
            Map<String, Parameter> parameters,
            boolean last) {
        InferenceRequest request = request(index);
        List<Tensor> shaped = new ArrayList<>(outputs.size());
        for (Tensor output : outputs) {
            TensorSpec spec = config.output(output.name()).orElse(null);
            if (spec == null) {
                outputs.forEach(tensor -> tensor.buffer().close());
                fail(index, unexpectedOutput(output.name()));
                return;
            }
            shaped.add(output.withShape(config.outputShape(spec, output.shape())));
        }
        if (last) {
            end(index);
        }
        items.get(index)
                .sender()
                .send(
                        new InferenceResponse(
                                request.id(), config.name(), version, parameters, shaped),
                        last);
    }

    /** Ends a request without a further response (decoupled models). */
    public void complete(int index) {
        end(index);
        items.get(index).sender().complete();
    }

    /** Ends a request with an error. */
    public void fail(int index, StatusException status) {
        end(index);
        items.get(index).sender().fail(status);
    }

    /** Ends every request that has not been ended with the same error. */
    public void failRest(StatusException status) {
        for (int i = 0; i < items.size(); i++) {
            if (!ended.get(i)) {
                fail(i, status);
            }
        }
    }

    private void end(int index) {
        if (ended.get(index)) {
            throw new IllegalStateException(
                    "request " + index + " of a batch of '" + config.name() + "' ended twice");
        }
        ended.set(index);
    }

    private StatusException unexpectedOutput(String name) {
        return StatusException.invalidArgument(
                "unexpected inference output '" + name + "' for model '" + config.name() + "'");
    }
}
