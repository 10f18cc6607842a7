package io.nereid.server.trace;

import io.nereid.protocol.ComputeNanos;
import io.nereid.protocol.InferenceRequest;
import io.nereid.protocol.InferenceResponse;
import io.nereid.protocol.RequestTrace;
import io.nereid.protocol.StatusException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Writes down what happens to one request of a call. Methods of {@link RequestTrace} are called by
 * one thread at a time; what is noted is guarded by the call's lock.
 */
final class RecordedRequest implements RequestTrace {
    private final RecordedCall call;
    private final long id;
    private final long parentId;
    private final RecordedCall.Asked asked;
    private final List<TraceEntry> entries = new ArrayList<>();

    private String requestId = "";
    private boolean started;
    private boolean ended;
    private List<TraceEntry> inputs = List.of();
    private Optional<String> failure = Optional.empty();

    /**
     * @param parentId number of the request that causes it, 0 if there is none
     */
    RecordedRequest(RecordedCall call, long id, long parentId, RecordedCall.Asked asked) {
        this.call = call;
        this.id = id;
        this.parentId = parentId;
        this.asked = asked;
    }

    long id() {
        return id;
    }

    @Override
    public void started(InferenceRequest request) {
        call.enter();
        requestId = request.id();
        started = true;
        call.stamp(this, "REQUEST_START", call.now());
        inputs = call.dump("TENSOR_QUEUE_INPUT", request.inputs());
    }

    @Override
    public void queued(long nanos) {
        call.stamp(this, "QUEUE_START", nanos);
        inputs.forEach(input -> call.note(this, input));
        inputs = List.of();
    }

    @Override
    public void computed(long startNanos, ComputeNanos compute) {
        long computing = startNanos + compute.input();
        long computed = computing + compute.infer();
        call.stamp(this, "COMPUTE_START", startNanos);
        call.stamp(this, "COMPUTE_INPUT_END", computing);
        call.stamp(this, "COMPUTE_OUTPUT_START", computed);
        call.stamp(this, "COMPUTE_END", computed + compute.output());
    }

    @Override
    public void responded(InferenceResponse response) {
        call.dump("TENSOR_BACKEND_OUTPUT", response).forEach(output -> call.note(this, output));
    }

    @Override
    public void ended(Optional<StatusException> status) {
        if (!started || ended) {
            return;
        }
        ended = true;
        failure = status.map(StatusException::text);
        inputs.forEach(input -> call.note(this, input));
        long now = call.now();
        call.stamp(this, "REQUEST_END", now);
        if (call.isTop(this)) {
            call.at(CallTrace.Moment.RESPONSE_COMPLETE, now);
        }
        call.leave();
    }

    @Override
    public RequestTrace child(String modelName, long version) {
        return call.child(this, new RecordedCall.Asked(modelName, version));
    }

    @Override
    public String traceId() {
        return call.traceId().isEmpty() ? Long.toString(id) : call.traceId();
    }

    /** Under the call's lock. */
    void add(TraceEntry entry) {
        entries.add(entry);
    }

    /** Under the call's lock, when it has ended. */
    TracedRequest traced() {
        return new TracedRequest(
                id,
                parentId,
                asked.modelName(),
                asked.modelVersion(),
                requestId,
                started,
                entries,
                failure);
    }
}
