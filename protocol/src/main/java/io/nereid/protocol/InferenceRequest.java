package io.nereid.protocol;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;

/**
 * One question to a model; owns its inputs.
 *
 * <p>Filled by a front end while INITIALIZED, then owned by exactly one step of the request line at
 * a time: PENDING in a queue, EXECUTING on an instance, RELEASED when the inputs have been given
 * back. Only cancellation may come from another thread than the owner's.
 */
public final class InferenceRequest implements AutoCloseable {
    /** Where a request stands. */
    public enum State {
        INITIALIZED,
        PENDING,
        EXECUTING,
        RELEASED
    }

    private final String modelName;
    private final OptionalLong requestedVersion;
    private final Map<String, Tensor> inputs = new LinkedHashMap<>();
    private final Set<String> supplied = new LinkedHashSet<>();
    private final Set<String> requestedOutputs = new LinkedHashSet<>();
    private final Map<String, Parameter> parameters = new LinkedHashMap<>();
    private final Cancellation cancellation = new Cancellation();

    private String id = "";
    private CorrelationId correlationId = CorrelationId.NONE;
    private boolean sequenceStart;
    private boolean sequenceEnd;
    private long priority;
    private long timeoutMicros;
    private long arrivalNanos;
    private int batchSize;
    private ComputeNanos compute = ComputeNanos.NONE;
    private RequestTrace trace = RequestTrace.NONE;
    private long queueNanos;
    private State state = State.INITIALIZED;

    /**
     * @param requestedVersion version asked for; empty for the newest that is ready
     */
    public InferenceRequest(String modelName, OptionalLong requestedVersion) {
        this.modelName = modelName;
        this.requestedVersion = requestedVersion;
    }

    /** Name of the model asked. */
    public String modelName() {
        return modelName;
    }

    /** Version asked for; empty for the newest that is ready. */
    public OptionalLong requestedVersion() {
        return requestedVersion;
    }

    /** Id given by the client, empty if none. */
    public String id() {
        return id;
    }

    public void setId(String newId) {
        requireState(State.INITIALIZED);
        id = newId;
    }

    /** What error texts begin with (validation section 1): the id in brackets and one blank. */
    public String idPrefix() {
        return "[request id: " + (id.isEmpty() ? "<id_unknown>" : id) + "] ";
    }

    /** Inputs in request order, borrowed. After validation their shapes are those of the model. */
    public Collection<Tensor> inputs() {
        return Collections.unmodifiableCollection(inputs.values());
    }

    /** The input of that name, borrowed. */
    public Optional<Tensor> input(String name) {
        return Optional.ofNullable(inputs.get(name));
    }

    /**
     * Adds an input.
     *
     * @param input its reference is owned from now on
     * @throws StatusException INVALID_ARG if there is an input of that name
     */
    public void addInput(@Owned Tensor input) {
        if (state != State.INITIALIZED || inputs.containsKey(input.name())) {
            input.buffer().close();
            requireState(State.INITIALIZED);
            throw duplicateInput(input.name());
        }
        inputs.put(input.name(), input);
    }

    /** What {@link #addInput} throws, for those that know all names before any tensor. */
    public StatusException duplicateInput(String name) {
        return StatusException.invalidArgument(
                idPrefix() + "input '" + name + "' already exists in request");
    }

    /** Names of the outputs wanted, in request order. After validation never empty. */
    public Set<String> requestedOutputs() {
        return Collections.unmodifiableSet(requestedOutputs);
    }

    /**
     * Asks for an output. A request that asks for none gets all.
     *
     * @throws StatusException INVALID_ARG if that output was asked for already
     */
    public void addRequestedOutput(String name) {
        requireState(State.INITIALIZED);
        if (!requestedOutputs.add(name)) {
            throw StatusException.invalidArgument(
                    idPrefix() + "output '" + name + "' already exists in request");
        }
    }

    /** Custom parameters handed to the model, in request order. */
    public Map<String, Parameter> parameters() {
        return Collections.unmodifiableMap(parameters);
    }

    public void setParameter(String key, Parameter value) {
        requireState(State.INITIALIZED);
        parameters.put(key, value);
    }

    /** Sequence that the request belongs to. */
    public CorrelationId correlationId() {
        return correlationId;
    }

    public void setCorrelationId(CorrelationId newCorrelationId) {
        requireState(State.INITIALIZED);
        correlationId = newCorrelationId;
    }

    /** Whether the request begins its sequence. */
    public boolean sequenceStart() {
        return sequenceStart;
    }

    public void setSequenceStart(boolean start) {
        requireState(State.INITIALIZED);
        sequenceStart = start;
    }

    /** Whether the request ends its sequence. */
    public boolean sequenceEnd() {
        return sequenceEnd;
    }

    public void setSequenceEnd(boolean end) {
        requireState(State.INITIALIZED);
        sequenceEnd = end;
    }

    /** Priority level as sent, an unsigned number; 0 for the model's default. */
    public long priority() {
        return priority;
    }

    public void setPriority(long newPriority) {
        requireState(State.INITIALIZED);
        priority = newPriority;
    }

    /** Longest time in a queue that the client accepts, in microseconds; 0 if it named none. */
    public long timeoutMicros() {
        return timeoutMicros;
    }

    public void setTimeoutMicros(long newTimeoutMicros) {
        requireState(State.INITIALIZED);
        timeoutMicros = newTimeoutMicros;
    }

    /**
     * Extent of the batch dimension: 0 for models without one and for requests without inputs.
     * Known after validation.
     */
    public int batchSize() {
        return batchSize;
    }

    /** When the request entered its queue, in the scheduler's nanoseconds. */
    public long arrivalNanos() {
        return arrivalNanos;
    }

    /**
     * How long the execution of the request took; of an ensemble, the sum over its steps. Known
     * when its last answer leaves, to the thread that gives the answer.
     */
    public ComputeNanos compute() {
        return compute;
    }

    /** Notes how long the execution took, before the last answer leaves. */
    public void computed(ComputeNanos nanos) {
        compute = nanos;
    }

    /** Notes an execution, and tells the trace, before the last answer leaves. */
    public void executed(long startNanos, ComputeNanos nanos) {
        computed(nanos);
        queueNanos = startNanos - arrivalNanos;
        trace.computed(startNanos, nanos);
    }

    /** Told of what happens to the request. */
    public RequestTrace trace() {
        return trace;
    }

    public void setTrace(RequestTrace newTrace) {
        requireState(State.INITIALIZED);
        trace = newTrace;
    }

    /** How long the request waited in a queue; known when {@link #compute} is. */
    public long queueNanos() {
        return queueNanos;
    }

    /** Where the request stands. */
    public State state() {
        return state;
    }

    /** Moves from a front end or an ensemble into a scheduler's queue. */
    public void enqueued(long nowNanos) {
        transition(State.INITIALIZED, State.PENDING);
        arrivalNanos = nowNanos;
        trace.queued(nowNanos);
    }

    /** Moves from the queue to an instance. */
    public void executing() {
        transition(State.PENDING, State.EXECUTING);
    }

    /**
     * Adds an input that the server itself makes for an execution (schedulers sections 9 and 13),
     * in place of the one of that name. Called by whoever owns the request, before the execution.
     */
    public void supply(@Owned Tensor input) {
        if (state != State.PENDING) {
            input.buffer().close();
            requireState(State.PENDING);
        }
        Tensor before = inputs.put(input.name(), input);
        if (before != null) {
            before.buffer().close();
        }
        supplied.add(input.name());
    }

    /**
     * Moves from an instance back into the queue, as a request in the middle of its sequence
     * (schedulers section 12). What was supplied for the execution is given back.
     */
    public void rescheduled() {
        transition(State.EXECUTING, State.PENDING);
        sequenceStart = false;
        sequenceEnd = false;
        for (String name : supplied) {
            Tensor input = inputs.remove(name);
            if (input != null) {
                input.buffer().close();
            }
        }
        supplied.clear();
    }

    /**
     * A request of the same form that asks for no output: it fills a place in a batch and waits
     * since {@code nowNanos}.
     *
     * @param tensors one for each input, of the same name and shape
     */
    public @Owned InferenceRequest padding(@Owned List<Tensor> tensors, long nowNanos) {
        InferenceRequest padding = new InferenceRequest(modelName, requestedVersion);
        tensors.forEach(padding::addInput);
        padding.batchSize = batchSize;
        padding.enqueued(nowNanos);
        return padding;
    }

    /**
     * Asks whoever holds the request to give it up, since nobody waits for its answer. Any thread;
     * later calls do nothing.
     */
    public void cancel() {
        cancel(new StatusException(StatusCode.CANCELLED, ""));
    }

    /**
     * The same for whatever reason, such as that the client's time is over: a request that has not
     * begun to execute is answered with it. Any thread; later calls do nothing.
     */
    public void cancel(StatusException reason) {
        cancellation.cancel(reason);
    }

    /** Whether the request was cancelled. Any thread. */
    public boolean isCancelled() {
        return cancellation.isCancelled();
    }

    /** Why the request was cancelled; empty if it was not. Any thread. */
    public Optional<StatusException> cancellation() {
        return cancellation.reason();
    }

    /**
     * Runs {@code listener} once when the request is cancelled, on the cancelling thread, or at
     * once if it was already. It must not block.
     */
    public void onCancel(Runnable listener) {
        cancellation.listen(listener);
    }

    /** Gives the inputs back. */
    @Override
    public void close() {
        if (state == State.RELEASED) {
            throw new IllegalStateException("request for '" + modelName + "' closed twice");
        }
        state = State.RELEASED;
        for (Tensor input : inputs.values()) {
            input.buffer().close();
        }
        inputs.clear();
    }

    /** Result of validation: batch size, inputs in the model's shapes, the outputs to produce. */
    void validated(int newBatchSize, List<Tensor> modelInputs, Collection<String> outputs) {
        requireState(State.INITIALIZED);
        batchSize = newBatchSize;
        for (Tensor input : modelInputs) {
            inputs.put(input.name(), input);
        }
        requestedOutputs.addAll(outputs);
    }

    private void transition(State expected, State next) {
        requireState(expected);
        state = next;
    }

    private void requireState(State expected) {
        if (state != expected) {
            throw new IllegalStateException(
                    "request for '" + modelName + "' is " + state + ", expected " + expected);
        }
    }

    /** A reason, once there is one, and until then the listeners that wait for it. */
    private static final class Cancellation {
        private sealed interface Stage {}

        private record Open(List<Runnable> listeners) implements Stage {}

        private record Cancelled(StatusException reason) implements Stage {}

        private static final Stage UNHEARD = new Open(List.of());

        private final AtomicReference<Stage> stage = new AtomicReference<>(UNHEARD);

        boolean isCancelled() {
            return stage.get() instanceof Cancelled;
        }

        Optional<StatusException> reason() {
            return stage.get() instanceof Cancelled(StatusException reason)
                    ? Optional.of(reason)
                    : Optional.empty();
        }

        void cancel(StatusException reason) {
            Stage next = new Cancelled(reason);
            Stage before = stage.getAndUpdate(now -> now instanceof Open ? next : now);
            if (before instanceof Open(List<Runnable> listeners)) {
                listeners.forEach(Runnable::run);
            }
        }

        void listen(Runnable listener) {
            Stage before =
                    stage.getAndUpdate(now ->
                            now instanceof Open(List<Runnable> listeners)
                                    ? new Open(plus(listeners, listener))
                                    : now);
            if (before instanceof Cancelled) {
                listener.run();
            }
        }

        private static List<Runnable> plus(List<Runnable> all, Runnable one) {
            if (all.isEmpty()) {
                return List.of(one);
            }
            List<Runnable> more = new ArrayList<>(all);
            more.add(one);
            return List.copyOf(more);
        }
    }
}
