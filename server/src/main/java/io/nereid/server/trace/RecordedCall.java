package io.nereid.server.trace;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.nereid.protocol.InferenceResponse;
import io.nereid.protocol.RequestTrace;
import io.nereid.protocol.Tensor;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Writes down what happens to a call and to the requests that it causes. When the front end has
 * done with it and every request has ended, it is handed over as a whole. Any thread.
 */
final class RecordedCall implements CallTrace {
    /** Room for a request and what is noted of it besides tensors. */
    static final long REQUEST_BYTES = 2048;

    /** What calls share. */
    interface Recorder {
        /** The clock. */
        long now();

        /** A number for a request's trace. */
        long nextId();

        /** Memory for what is noted. */
        TraceRoom room();

        /** Takes a call that is complete; the room for it is to be given back. */
        void completed(TracedCall call, long heldBytes);

        /** A call found too little room. */
        void lost(TraceSetting setting, long heldBytes);
    }

    private final TraceSetting setting;
    private final TracedProtocol protocol;
    private final Optional<TraceParent> parent;
    private final String traceId;
    private final boolean timestamps;
    private final boolean tensors;
    private final Recorder recorder;
    private final RecordedRequest top;
    private final ReentrantLock lock = new ReentrantLock();

    @GuardedBy("lock")
    private final List<TraceEntry.Stamp> received = new ArrayList<>();

    @GuardedBy("lock")
    private final List<TraceEntry.Stamp> answered = new ArrayList<>();

    @GuardedBy("lock")
    private final List<RecordedRequest> requests = new ArrayList<>();

    /** The front end, and each request that has started and not ended. */
    @GuardedBy("lock")
    private int open = 1;

    @GuardedBy("lock")
    private long heldBytes = REQUEST_BYTES;

    @GuardedBy("lock")
    private boolean closed;

    @GuardedBy("lock")
    private boolean incomplete;

    /**
     * A call for which {@link #REQUEST_BYTES} were taken from the room.
     *
     * @param parent the trace that the client says the call belongs to
     * @param traceId by which distributed tracing knows it; empty if it does not
     * @param asked the model that it asks
     */
    RecordedCall(
            TraceSetting setting,
            TracedProtocol protocol,
            Optional<TraceParent> parent,
            String traceId,
            Asked asked,
            Recorder recorder) {
        this.setting = setting;
        this.protocol = protocol;
        this.parent = parent;
        this.traceId = traceId;
        this.timestamps = setting.levels().contains(TraceLevel.TIMESTAMPS);
        this.tensors = setting.levels().contains(TraceLevel.TENSORS);
        this.recorder = recorder;
        this.top = new RecordedRequest(this, recorder.nextId(), 0, asked);
        this.requests.add(top);
    }

    /** The model that a request asks. */
    record Asked(String modelName, long modelVersion) {}

    @Override
    public void at(Moment moment) {
        at(moment, recorder.now());
    }

    @Override
    public void at(Moment moment, long nanos) {
        if (!timestamps) {
            return;
        }
        TraceEntry.Stamp stamp = new TraceEntry.Stamp(protocol.nameOf(moment), nanos);
        lock.lock();
        try {
            if (!closed) {
                switch (moment) {
                    case RECEIVE_START, RECEIVE_END -> received.add(stamp);
                    case RESPONSE_COMPLETE, SEND_START, SEND_END -> answered.add(stamp);
                }
            }
        } finally {
            lock.unlock();
        }
    }

    @Override
    public RequestTrace request() {
        return top;
    }

    @Override
    public void close() {
        lock.lock();
        try {
            if (closed) {
                return;
            }
            closed = true;
        } finally {
            lock.unlock();
        }
        leave();
    }

    // From requests.

    long now() {
        return recorder.now();
    }

    String traceId() {
        return traceId;
    }

    /** The call's own request has ended. */
    boolean isTop(RecordedRequest request) {
        return request == top;
    }

    /** A request that another one causes; none if there is no room for it. */
    RequestTrace child(RecordedRequest of, Asked asked) {
        RecordedRequest child = new RecordedRequest(this, recorder.nextId(), of.id(), asked);
        if (!hold(REQUEST_BYTES)) {
            return RequestTrace.NONE;
        }
        lock.lock();
        try {
            requests.add(child);
        } finally {
            lock.unlock();
        }
        return child;
    }

    void enter() {
        lock.lock();
        try {
            open++;
        } finally {
            lock.unlock();
        }
    }

    void stamp(RecordedRequest request, String name, long nanos) {
        if (timestamps) {
            note(request, new TraceEntry.Stamp(name, nanos));
        }
    }

    /** What is to be noted of tensors: nothing, unless that is wanted. */
    List<TraceEntry> dump(String activity, Collection<Tensor> all) {
        if (!tensors) {
            return List.of();
        }
        List<TraceEntry> dumps = new ArrayList<>(all.size());
        for (Tensor tensor : all) {
            if (hold(TensorDump.expectedLength(tensor))) {
                dumps.add(TensorDump.of(activity, tensor));
            }
        }
        return dumps;
    }

    List<TraceEntry> dump(String activity, InferenceResponse response) {
        return tensors ? dump(activity, response.outputs()) : List.of();
    }

    void note(RecordedRequest request, TraceEntry entry) {
        lock.lock();
        try {
            request.add(entry);
        } finally {
            lock.unlock();
        }
    }

    /** Takes room; without it, the call will not be handed over. */
    private boolean hold(long bytes) {
        boolean taken = recorder.room().take(bytes);
        lock.lock();
        try {
            if (taken) {
                heldBytes += bytes;
            } else {
                incomplete = true;
            }
        } finally {
            lock.unlock();
        }
        return taken;
    }

    /** The front end, or a request, has done; the last one hands the call over. */
    void leave() {
        Runnable after = () -> {};
        lock.lock();
        try {
            open--;
            if (open == 0) {
                after = outcome();
            }
        } finally {
            lock.unlock();
        }
        after.run();
    }

    @GuardedBy("lock")
    private Runnable outcome() {
        long held = heldBytes;
        if (incomplete) {
            return () -> recorder.lost(setting, held);
        }
        TracedCall call =
                new TracedCall(
                        setting,
                        parent,
                        traceId,
                        received,
                        answered,
                        requests.stream().map(RecordedRequest::traced).toList());
        return () -> recorder.completed(call, held);
    }
}
