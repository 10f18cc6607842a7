package io.nereid.server.grpc;

import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.Status;
import io.nereid.protocol.InferenceRequest;
import io.nereid.protocol.InferenceResponse;
import io.nereid.protocol.Owned;
import io.nereid.protocol.ResponseSender;
import io.nereid.protocol.SharedOutputs;
import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.grpc.DecodedInfer;
import io.nereid.protocol.grpc.GrpcStatus;
import io.nereid.protocol.grpc.ModelInferMessage;
import io.nereid.protocol.grpc.ModelInferReply;
import io.nereid.protocol.grpc.ModelVersions;
import io.nereid.protocol.grpc.Received;
import io.nereid.server.Admission;
import io.nereid.server.AdmittedLease;
import io.nereid.server.netty.LoopTurns;
import io.netty.util.concurrent.EventExecutor;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.RejectedExecutionException;

/**
 * One call of {@code ModelInfer} (gRPC protocol sections 8 and 15).
 *
 * <p>The listener's methods and everything that touches the call run on the connection's event
 * loop. The {@link ResponseSender}'s methods run on any thread, in order; they collect what the
 * model sends and hand the outcome to the event loop as one task.
 */
final class ModelInferCall extends ServerCall.Listener<Received> implements ResponseSender {
    private final ServerCall<Received, ModelInferReply> call;
    private final EventExecutor loop;
    private final InferContext context;
    private final List<Map.Entry<String, String>> metadata;
    private final InferNotes notes;

    // Used on the event loop only.
    private Optional<Admission.Place> place;
    private Optional<Received> message = Optional.empty();
    private Optional<InferenceRequest> request = Optional.empty();
    private ClassResults classes = ClassResults.NONE;
    private SharedOutputs sharedOutputs = SharedOutputs.NONE;
    private boolean answered;

    // Used by the model's calls only, which come one after the other.
    private Optional<InferenceResponse> first = Optional.empty();
    private int responses;

    /**
     * @param place of the request among those in flight
     * @param metadata of the call, of which some may be for the model
     * @param notes of the call
     */
    ModelInferCall(
            ServerCall<Received, ModelInferReply> call,
            EventExecutor loop,
            InferContext context,
            @Owned Admission.Place place,
            List<Map.Entry<String, String>> metadata,
            InferNotes notes) {
        this.call = call;
        this.loop = loop;
        this.context = context;
        this.place = Optional.of(place);
        this.metadata = metadata;
        this.notes = notes;
    }

    @Override
    public void onMessage(Received received) {
        if (message.isPresent() || answered) {
            discard(received);
            discardMessage();
            answer(Status.INTERNAL.withDescription("Too many requests"));
            return;
        }
        message = Optional.of(received);
    }

    @Override
    public void onHalfClose() {
        Optional<Received> received = message;
        message = Optional.empty();
        if (received.isEmpty()) {
            answer(Status.INTERNAL.withDescription("Half-closed without a request"));
            return;
        }
        switch (received.get()) {
            case ModelInferMessage infer -> infer(infer);
            case Received.Refused(StatusException refusal) -> answer(GrpcStatus.of(refusal));
        }
    }

    @Override
    public void onComplete() {
        discardMessage();
        leave();
    }

    /** A request that no model is asked gives its place back itself. */
    private void leave() {
        place.ifPresent(Admission.Place::close);
        place = Optional.empty();
    }

    @Override
    public void onCancel() {
        leave();
        notes.over();
        discardMessage();
        request.ifPresent(asked -> asked.cancel(CancelReason.ofCurrentCall()));
    }

    private void infer(@Owned ModelInferMessage infer) {
        try (infer) {
            context.calls().enter();
            boolean accepted = false;
            try {
                OptionalLong version = ModelVersions.parse(infer.header().getModelVersion());
                AdmittedLease lease = lease(infer.header().getModelName(), version);
                notes.asks(lease.model());
                DecodedInfer decoded = context.decode(lease, infer, version, metadata);
                accepted = true;
                notes.watch(decoded.request());
                request = Optional.of(decoded.request());
                classes = ClassResults.of(decoded, lease);
                sharedOutputs = decoded.shared();
                context.server().infer(lease, decoded.request(), this);
            } finally {
                if (!accepted) {
                    context.calls().leave();
                }
            }
        } catch (StatusException e) {
            answer(GrpcStatus.of(e));
        }
    }

    private @Owned AdmittedLease lease(String name, OptionalLong version) {
        Admission.Place admitted = place.orElseThrow();
        place = Optional.empty();
        AdmittedLease lease = context.server().lease(admitted, name, version);
        if (lease.model().config().decoupled()) {
            lease.close();
            throw new StatusException(
                    StatusCode.UNSUPPORTED,
                    "ModelInfer RPC doesn't support models with decoupled transaction policy");
        }
        return lease;
    }

    @Override
    public void send(@Owned InferenceResponse response, boolean last) {
        responses++;
        if (responses == 1) {
            first = Optional.of(response);
        } else {
            response.close();
        }
        if (last) {
            complete();
        }
    }

    @Override
    public void complete() {
        if (responses != 1) {
            fail(
                    new StatusException(
                            StatusCode.INTERNAL, "expected a single response, got " + responses));
            return;
        }
        InferenceResponse response = first.orElseThrow();
        if (!onLoop(() -> finish(response))) {
            response.close();
        }
    }

    @Override
    public void fail(StatusException status) {
        first.ifPresent(InferenceResponse::close);
        onLoop(() -> finish(GrpcStatus.of(status)));
    }

    /**
     * Hands the outcome over, after the executions if the loop executes requests; false if the
     * event loops have ended, and the connection with them.
     */
    private boolean onLoop(Runnable outcome) {
        if (LoopTurns.mayAnswerOn(loop)) {
            outcome.run();
            return true;
        }
        try {
            loop.execute(outcome);
            return true;
        } catch (RejectedExecutionException e) {
            ended();
            return false;
        }
    }

    private void finish(@Owned InferenceResponse response) {
        try (ModelInferReply reply =
                ModelInferReply.of(
                        classes.in(response, context.server().allocator()), sharedOutputs)) {
            if (!call.isCancelled()) {
                answered = true;
                notes.sending();
                call.sendHeaders(new Metadata());
                call.sendMessage(reply);
                call.close(Status.OK, new Metadata());
                notes.sent();
            }
        } catch (StatusException e) {
            answer(GrpcStatus.of(e));
        } finally {
            // Says nothing unless an invariant is broken; then the client shall not wait forever.
            answer(Status.INTERNAL.withDescription("failed to write the response"));
            ended();
        }
    }

    private void finish(Status failure) {
        answer(failure);
        ended();
    }

    /** The request has ended, in whatever way. */
    private void ended() {
        sharedOutputs.close();
        context.calls().leave();
    }

    /** Ends the call with a failure, once; a cancelled call has ended already. */
    void answer(Status failure) {
        if (!answered && !call.isCancelled()) {
            answered = true;
            leave();
            notes.sending();
            call.close(failure, GrpcStatus.trailers(failure));
            notes.sent();
        }
        notes.over();
    }

    private void discardMessage() {
        message.ifPresent(ModelInferCall::discard);
        message = Optional.empty();
    }

    private static void discard(Received received) {
        switch (received) {
            case ModelInferMessage unused -> unused.close();
            case Received.Refused _ -> {}
        }
    }
}
