package io.nereid.server.grpc;

import io.grpc.ServerCall;
import io.grpc.Status;
import io.nereid.protocol.ModelConfig;
import io.nereid.protocol.Owned;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.grpc.DecodedInfer;
import io.nereid.protocol.grpc.GrpcStatus;
import io.nereid.protocol.grpc.ModelInferMessage;
import io.nereid.protocol.grpc.ModelStreamReply;
import io.nereid.protocol.grpc.ModelVersions;
import io.nereid.protocol.grpc.Received;
import io.nereid.protocol.grpc.proto.GrpcServiceProto.ModelInferRequest;
import io.nereid.server.AdmittedLease;
import io.netty.util.concurrent.EventExecutor;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/**
 * One call of {@code ModelStreamInfer} (gRPC protocol sections 13 to 15).
 *
 * <p>The listener's methods and everything that touches the call run on the connection's event
 * loop. What models answer arrives on any thread in {@link #post}, which queues it for the loop.
 *
 * <p>Nobody waits for a slow reader. While what it has not read fills half of the stream's room, or
 * is as many replies as the options allow, no further requests are read from it, which holds it
 * back through the flow control of HTTP/2. A decoupled model may answer on nevertheless; when there
 * is no more room for what it sends, the stream ends.
 */
final class ModelStreamCall extends ServerCall.Listener<Received> {
    private enum State {
        OPEN,
        /** Only what has its turn is still written; then the call ends with {@code ending}. */
        ENDING,
        ENDED
    }

    private static final Status BROKEN =
            Status.INTERNAL.withDescription("failed to write the response");
    private static final Status STOPPING = Status.UNAVAILABLE.withDescription(ActiveCalls.REFUSAL);

    private final ServerCall<Received, ModelStreamReply> call;
    private final EventExecutor loop;
    private final InferContext context;
    private final StreamTerms terms;
    private final ReplyRoom.Share room;
    private final Consumer<ModelStreamCall> onEnd;

    private final Queue<StreamOutcome> outcomes = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean wakingUp = new AtomicBoolean();

    // Used on the event loop only.
    private final StreamReplies replies;
    private final Set<StreamRequest> active = new HashSet<>();
    private State state = State.OPEN;
    private Status ending = Status.OK;
    private boolean reading;
    private boolean halfClosed;
    private boolean stopping;

    /**
     * @param room for replies that wait
     * @param onEnd is told when the call has ended
     */
    ModelStreamCall(
            ServerCall<Received, ModelStreamReply> call,
            InferContext context,
            StreamTerms terms,
            ReplyRoom.Share room,
            Consumer<ModelStreamCall> onEnd) {
        this.call = call;
        this.loop = context.currentLoop();
        this.context = context;
        this.terms = terms;
        this.room = room;
        this.onEnd = onEnd;
        this.replies = new StreamReplies(call, room);
    }

    /** Asks for the first request. */
    void start() {
        goOn();
    }

    /** Ends the call when all that was asked is answered. Any thread. */
    void stop() {
        try {
            loop.execute(() -> {
                stopping = true;
                goOn();
            });
        } catch (RejectedExecutionException e) {
            // The event loops have ended, and the call with them.
        }
    }

    // From the client.

    @Override
    public void onMessage(Received received) {
        reading = false;
        switch (received) {
            case ModelInferMessage message -> infer(message);
            case Received.Refused(StatusException refusal) -> refuse("", refusal);
        }
        goOn();
    }

    @Override
    public void onHalfClose() {
        halfClosed = true;
        goOn();
    }

    @Override
    public void onReady() {
        goOn();
    }

    @Override
    public void onCancel() {
        dropAll();
        onEnd.accept(this);
    }

    @Override
    public void onComplete() {
        dropAll();
        onEnd.accept(this);
    }

    private void infer(@Owned ModelInferMessage message) {
        InferNotes notes = terms.notes(call, context);
        try (message) {
            if (state != State.OPEN) {
                return;
            }
            context.calls().enterFromStream();
            boolean accepted = false;
            try {
                OptionalLong version = ModelVersions.parse(message.header().getModelVersion());
                AdmittedLease lease =
                        context.server().lease(message.header().getModelName(), version);
                notes.asks(lease.model());
                DecodedInfer decoded = context.decode(lease, message, version, terms.metadata());
                accepted = true;
                notes.watch(decoded.request());
                submit(lease, decoded, message.header(), notes);
            } finally {
                if (!accepted) {
                    context.calls().leave();
                }
            }
        } catch (StatusException e) {
            refuse(message.header().getId(), e);
            notes.end(GrpcStatus.of(e).getCode().name());
        }
    }

    private void submit(
            @Owned AdmittedLease lease,
            DecodedInfer decoded,
            ModelInferRequest header,
            InferNotes notes) {
        ModelConfig config = lease.model().config();
        StreamRequest request =
                new StreamRequest(
                        this,
                        decoded,
                        new ModelStreamReply.Echo(
                                header.getId(), header.getModelName(), header.getModelVersion()),
                        ClassResults.of(decoded, lease),
                        notes,
                        config.decoupled() ? Optional.empty() : Optional.of(replies.openSlot()));
        active.add(request);
        request.submit(() -> context.server().infer(lease, decoded.request(), request));
    }

    /** Answers a request that no model is asked, in the order of the requests. */
    private void refuse(String id, StatusException refusal) {
        if (state != State.OPEN) {
            return;
        }
        long bytes = StreamOutcome.OVERHEAD_BYTES + refusal.text().length();
        if (take(bytes)) {
            replies.add(
                    Optional.of(replies.openSlot()), ModelStreamReply.refused(id, refusal), bytes);
        } else {
            overrun();
        }
    }

    // From models.

    boolean inEventLoop() {
        return loop.inEventLoop();
    }

    /** Takes room for a reply that has to wait. Any thread. */
    boolean take(long byteSize) {
        return room.take(byteSize);
    }

    /**
     * Hands over what a model did. Any thread, in order for one request. Also on the event loop it
     * is only queued, so that nothing overtakes anything.
     */
    void post(@Owned StreamOutcome outcome) {
        outcomes.add(outcome);
        if (wakingUp.compareAndSet(false, true)) {
            try {
                loop.execute(this::wakeUp);
            } catch (RejectedExecutionException e) {
                // The event loops have ended, and the call with them.
                wakingUp.set(false);
                dropOutcomes();
            }
        }
    }

    private void wakeUp() {
        wakingUp.set(false);
        handleOutcomes();
        goOn();
    }

    private void handleOutcomes() {
        boolean complete = false;
        try {
            StreamOutcome next = outcomes.poll();
            while (next != null) {
                handle(next);
                next = outcomes.poll();
            }
            complete = true;
        } finally {
            if (!complete) {
                end(BROKEN);
                dropOutcomes();
            }
        }
    }

    private void handle(@Owned StreamOutcome outcome) {
        if (outcome.last()) {
            active.remove(outcome.request());
            context.calls().leave();
        }
        InferNotes notes = outcome.request().notes();
        try {
            notes.sending();
            reply(outcome);
        } finally {
            if (outcome.last()) {
                notes.sent();
                notes.end(outcome.status().name());
                outcome.request().decoded().shared().close();
            }
        }
    }

    private void reply(@Owned StreamOutcome outcome) {
        if (state != State.OPEN) {
            drop(outcome);
            return;
        }
        switch (outcome) {
            case StreamOutcome.Answered answered -> answer(answered);
            case StreamOutcome.Completed completed -> complete(completed);
            case StreamOutcome.Failed failed -> fail(failed);
            case StreamOutcome.Overrun _ -> overrun();
        }
    }

    private void answer(@Owned StreamOutcome.Answered answered) {
        StreamRequest request = answered.request();
        boolean added = false;
        try {
            replies.add(
                    request.slot(),
                    ModelStreamReply.response(
                            request.classes().in(answered.response(), context.server().allocator()),
                            request.decoded().shared(),
                            answered.last()),
                    answered.heldBytes());
            added = true;
        } catch (StatusException e) {
            added = true;
            failed(request, e, answered.last(), answered.heldBytes());
        } finally {
            if (!added) {
                room.give(answered.heldBytes());
            }
        }
    }

    private void complete(StreamOutcome.Completed completed) {
        StreamRequest request = completed.request();
        if (request.decoded().emptyFinalResponse()) {
            replies.add(
                    request.slot(),
                    ModelStreamReply.emptyFinal(request.echo()),
                    completed.heldBytes());
        } else {
            room.give(completed.heldBytes());
        }
    }

    private void fail(StreamOutcome.Failed failed) {
        StreamRequest request = failed.request();
        if (failed.early()) {
            replies.add(
                    request.slot(),
                    ModelStreamReply.refused(request.echo().id(), failed.failure()),
                    failed.heldBytes());
        } else {
            failed(request, failed.failure(), true, failed.heldBytes());
        }
    }

    private void failed(
            StreamRequest request, StatusException failure, boolean last, long heldBytes) {
        if (terms.failsAsAWhole()) {
            room.give(heldBytes);
            endWhenWritten(GrpcStatus.of(failure));
        } else {
            replies.add(
                    request.slot(),
                    ModelStreamReply.failed(request.echo(), failure, last),
                    heldBytes);
        }
    }

    private void overrun() {
        end(
                Status.UNAVAILABLE.withDescription(
                        "the client reads too slowly: more than "
                                + room.maxBytes()
                                + " bytes of responses of its stream wait, or those of all streams"
                                + " leave no room. Use --max-inflight-bytes to increase the"
                                + " limit."));
    }

    // What comes next.

    private void goOn() {
        if (state == State.ENDED) {
            return;
        }
        write();
        if (state == State.OPEN && active.isEmpty() && outcomes.isEmpty()) {
            if (halfClosed) {
                endWhenWritten(Status.OK);
            } else if (stopping) {
                endWhenWritten(STOPPING);
            }
        }
        if (state == State.ENDING && replies.outgoing() == 0) {
            end(ending);
        }
        if (state == State.OPEN && !reading && !halfClosed && !isCongested()) {
            reading = true;
            // Last, because a request that has arrived already comes in before this returns.
            call.request(1);
        }
    }

    private void write() {
        boolean complete = false;
        try {
            replies.write();
            complete = true;
        } finally {
            if (!complete) {
                end(BROKEN);
            }
        }
    }

    private boolean isCongested() {
        return !call.isReady()
                && (replies.outgoing() >= terms.maxWaitingReplies()
                        || (replies.outgoing() > 0 && room.isHalfFull()));
    }

    private void endWhenWritten(Status status) {
        state = State.ENDING;
        ending = status;
        replies.discardSlots();
        cancelActive();
    }

    /** Ends the call now; what it still has to answer is cancelled. On the event loop. */
    void end(Status status) {
        if (state != State.ENDED) {
            dropAll();
            call.close(status, GrpcStatus.trailers(status));
        }
    }

    private void dropAll() {
        state = State.ENDED;
        replies.discard();
        cancelActive();
    }

    private void cancelActive() {
        StatusException reason = CancelReason.ofCurrentCall();
        // A copy, since a request may end while it is being cancelled.
        List.copyOf(active).forEach(request -> request.cancel(reason));
    }

    private void dropOutcomes() {
        StreamOutcome next = outcomes.poll();
        while (next != null) {
            if (next.last()) {
                next.request().notes().end(Status.Code.CANCELLED.name());
                context.calls().leave();
                next.request().decoded().shared().close();
            }
            drop(next);
            next = outcomes.poll();
        }
    }

    private void drop(@Owned StreamOutcome outcome) {
        room.give(outcome.heldBytes());
        if (outcome instanceof StreamOutcome.Answered answered) {
            answered.response().close();
        }
    }
}
