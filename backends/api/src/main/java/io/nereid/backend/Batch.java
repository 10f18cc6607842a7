package io.nereid.backend;

import io.nereid.backend.DecoupledResponse.Kind;
import io.nereid.protocol.ComputeNanos;
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
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongSupplier;

/**
 * Requests that one instance executes together, and the only way to answer them. Borrowed by the
 * instance; used by one thread at a time. An instance that answers later than {@code execute}
 * returns keeps the batch.
 *
 * <p>The answers that end requests leave together when the instance has returned, after the
 * execution was told of: who has an answer finds it counted. A decoupled model's leave at once, and
 * its execution is over when its last request has ended, on the thread that ends it.
 */
public final class Batch {
    /**
     * A request and the way back to who asked.
     *
     * @param request owned by the scheduler
     * @param sender the way back
     * @param step what the execution means to the request's sequence
     */
    public record Item(InferenceRequest request, ResponseSender sender, SequenceStep step) {
        /** A request that belongs to no sequence. */
        public Item(InferenceRequest request, ResponseSender sender) {
            this(request, sender, SequenceStep.NONE);
        }

        /** Gives the request's inputs back after an execution, unless another one follows. */
        public void release() {
            if (!step.isRescheduled()) {
                request.close();
            }
        }
    }

    private final ModelConfig config;
    private final long version;
    private final List<BatchPart> parts;
    private final BatchClose close;
    private final ExecutionListener listener;
    private final LongSupplier nanoTime;
    private final Phases phases;
    private int unended;

    /**
     * Requests that nobody waited to combine with more, as an execution that begins now.
     *
     * @param listener told of the execution
     * @param nanoTime the clock that the requests' arrivals were taken from
     */
    public Batch(
            ModelConfig config,
            long version,
            List<Item> items,
            ExecutionListener listener,
            LongSupplier nanoTime) {
        this(config, version, items, BatchClose.IDLE, listener, nanoTime);
    }

    /**
     * A batch whose execution begins now.
     *
     * @param close why no more requests are in it
     * @param listener told of the execution
     * @param nanoTime the clock that the requests' arrivals were taken from
     */
    public Batch(
            ModelConfig config,
            long version,
            List<Item> items,
            BatchClose close,
            ExecutionListener listener,
            LongSupplier nanoTime) {
        this.config = config;
        this.version = version;
        this.close = close;
        this.listener = listener;
        this.nanoTime = nanoTime;
        this.phases = new Phases(nanoTime.getAsLong());
        this.parts = new ArrayList<>(items.size());
        for (Item item : items) {
            parts.add(new BatchPart(item, phases.start()));
        }
        this.unended = parts.size();
    }

    /** Configuration of the model. */
    public ModelConfig config() {
        return config;
    }

    /** Number of requests. */
    public int size() {
        return parts.size();
    }

    /** The request at {@code index}, borrowed. */
    public InferenceRequest request(int index) {
        return parts.get(index).request();
    }

    /** Sum of the requests' batch sizes, each counted as one at least. */
    public int batchSize() {
        int sum = 0;
        for (BatchPart part : parts) {
            sum += part.batchSize();
        }
        return sum;
    }

    /** When the execution began. */
    public long startNanos() {
        return phases.start();
    }

    /** Whether the request at {@code index} has been ended. */
    public boolean hasEnded(int index) {
        return parts.get(index).hasEnded();
    }

    /**
     * Marks that the inputs are gathered and computing begins (metrics section 4). An engine that
     * takes the requests one after the other may say so several times; the first counts.
     */
    public void inputsReady() {
        phases.inputsReady(nanoTime.getAsLong());
    }

    /**
     * Marks that the outputs are computed; what follows makes answers of them. Of several times the
     * last counts.
     */
    public void outputsReady() {
        phases.outputsReady(nanoTime.getAsLong());
    }

    /**
     * Names of the outputs that are the next states of the requests' sequences (schedulers section
     * 13); mostly none. An engine computes them whether anybody asks for them or not.
     */
    public Set<String> stateOutputs() {
        return parts.getFirst().step().stateOutputs();
    }

    /**
     * Makes an output the state of the sequence that a request belongs to. Called before {@code
     * execute} returns, on its thread.
     *
     * @param output one of {@link #stateOutputs}, in the model's shape
     */
    public void updateState(int index, @Owned Tensor output) {
        parts.get(index).step().update(output);
    }

    /**
     * Has a request executed once more, in place of its end (schedulers section 12). Called before
     * {@code execute} returns, on its thread.
     *
     * @throws StatusException INVALID_ARG if the model's sequences are not iterative; the request
     *     has no end then
     */
    public void reschedule(int index) {
        parts.get(index).step().reschedule();
        end(index, Optional.empty(), nanoTime.getAsLong(), () -> {});
    }

    /** Decoupled models: marks that the outputs of a request's next response are computed. */
    public void outputsReady(int index) {
        parts.get(index).outputsReady(nanoTime.getAsLong());
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
        BatchPart part = parts.get(index);
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
        InferenceResponse response =
                new InferenceResponse(
                        part.request().id(), config.name(), version, parameters, shaped);
        long now = tellResponse(part, shaped.isEmpty() ? Kind.EMPTY : Kind.SUCCESS);
        if (last) {
            end(index, Optional.empty(), now, () -> part.sender().send(response, true));
        } else {
            part.sender().send(response, false);
        }
    }

    /** Ends a request without a further response (decoupled models). */
    public void complete(int index) {
        BatchPart part = parts.get(index);
        long now = tellResponse(part, Kind.EMPTY);
        end(index, Optional.empty(), now, part.sender()::complete);
    }

    /** Ends a request with an error. */
    public void fail(int index, StatusException status) {
        BatchPart part = parts.get(index);
        boolean cancelled =
                part.request()
                        .cancellation()
                        .filter(why -> why.code() == status.code())
                        .isPresent();
        long now = tellResponse(part, cancelled ? Kind.CANCEL : Kind.FAIL);
        FailureReason reason =
                cancelled ? FailureReason.ofCancellation(status) : FailureReason.BACKEND;
        end(index, Optional.of(reason), now, () -> part.sender().fail(status));
    }

    /** Ends every request that has not been ended with the same error. */
    public void failRest(StatusException status) {
        for (int i = 0; i < parts.size(); i++) {
            if (!hasEnded(i)) {
                fail(i, status);
            }
        }
    }

    /**
     * Tells of the execution and lets the answers go; for the scheduler, once the instance has
     * returned and every request has been ended. Of a decoupled model's batch nothing is left to do
     * then, and it may be in use on another thread.
     */
    public void returned() {
        if (config.decoupled()) {
            return;
        }
        if (unended != 0) {
            throw new IllegalStateException(
                    unended + " requests of a batch of '" + config.name() + "' have no answer");
        }
        long now = nanoTime.getAsLong();
        parts.forEach(part -> part.endAt(now));
        tellExecution(now);
        leave();
    }

    private void end(int index, Optional<FailureReason> reason, long now, Runnable answer) {
        BatchPart part = parts.get(index);
        if (part.hasEnded()) {
            throw new IllegalStateException(
                    "request " + index + " of a batch of '" + config.name() + "' ended twice");
        }
        part.end(reason, answer);
        unended--;
        if (config.decoupled()) {
            part.endAt(now);
            part.request().executed(phases.start(), phases.until(now));
            if (unended == 0) {
                tellExecution(now);
            }
            part.leave();
        }
    }

    /** Decoupled models: tells of a response; the time it is. */
    private long tellResponse(BatchPart part, Kind kind) {
        if (!config.decoupled()) {
            return 0;
        }
        long now = nanoTime.getAsLong();
        if (part.isCounted()) {
            listener.responded(part.next(kind, phases.computing(), now));
        }
        return now;
    }

    private void tellExecution(long end) {
        ComputeNanos compute = phases.until(end);
        List<Execution.Request> requests = new ArrayList<>(parts.size());
        for (BatchPart part : parts) {
            if (!config.decoupled()) {
                part.request().executed(phases.start(), compute);
            }
            if (part.isCounted()) {
                requests.add(part.report(phases.start()));
            }
        }
        if (!requests.isEmpty()) {
            listener.executed(new Execution(compute, requests, close));
        }
    }

    /** Lets the answers go, whatever becomes of one of them. */
    private void leave() {
        Optional<Throwable> first = Optional.empty();
        for (BatchPart part : parts) {
            try {
                part.leave();
            } catch (RuntimeException | Error failure) {
                first.ifPresent(failure::addSuppressed);
                first = Optional.of(failure);
            }
        }
        if (first.isPresent()) {
            throw new IllegalStateException("an answer could not be taken", first.get());
        }
    }

    private StatusException unexpectedOutput(String name) {
        return StatusException.invalidArgument(
                "unexpected inference output '" + name + "' for model '" + config.name() + "'");
    }
}
