package io.nereid.server.grpc;

import io.nereid.protocol.InferenceResponse;
import io.nereid.protocol.Owned;
import io.nereid.protocol.ResponseSender;
import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.Tensor;
import io.nereid.protocol.grpc.DecodedInfer;
import io.nereid.protocol.grpc.ModelStreamReply;
import java.util.Optional;

/**
 * One request of a stream that was handed to a model. The {@link ResponseSender}'s methods run on
 * any thread, one after the other; all else belongs to the stream's event loop.
 *
 * <p>A model that is not decoupled has one response; it is passed on when the request ends, so that
 * it can still turn out to be none or several.
 */
final class StreamRequest implements ResponseSender {
    private final ModelStreamCall call;
    private final DecodedInfer decoded;
    private final ModelStreamReply.Echo echo;
    private final ClassResults classes;
    private final InferNotes notes;

    /** Its place among the replies in order; empty if the model is decoupled. */
    private final Optional<StreamReplies.Slot> slot;

    /** Used on the event loop only: whether the request is being handed to the model right now. */
    private boolean submitting;

    // Used by the model's calls only.
    private Optional<InferenceResponse> first = Optional.empty();
    private int responses;

    StreamRequest(
            ModelStreamCall call,
            DecodedInfer decoded,
            ModelStreamReply.Echo echo,
            ClassResults classes,
            InferNotes notes,
            Optional<StreamReplies.Slot> slot) {
        this.call = call;
        this.decoded = decoded;
        this.echo = echo;
        this.classes = classes;
        this.notes = notes;
        this.slot = slot;
    }

    DecodedInfer decoded() {
        return decoded;
    }

    ModelStreamReply.Echo echo() {
        return echo;
    }

    ClassResults classes() {
        return classes;
    }

    InferNotes notes() {
        return notes;
    }

    Optional<StreamReplies.Slot> slot() {
        return slot;
    }

    /** Hands the request over; what fails meanwhile on this thread has reached no model. */
    void submit(Runnable toModel) {
        submitting = true;
        toModel.run();
        submitting = false;
    }

    void cancel(StatusException reason) {
        decoded.request().cancel(reason);
    }

    @Override
    public void send(@Owned InferenceResponse response, boolean last) {
        responses++;
        if (slot.isEmpty()) {
            post(response, last);
            return;
        }
        if (responses == 1) {
            first = Optional.of(response);
        } else {
            response.close();
        }
        if (last) {
            endInOrder();
        }
    }

    @Override
    public void complete() {
        if (slot.isEmpty()) {
            long bytes = decoded.emptyFinalResponse() ? StreamOutcome.OVERHEAD_BYTES : 0;
            call.post(
                    bytes == 0 || call.take(bytes)
                            ? new StreamOutcome.Completed(this, bytes)
                            : new StreamOutcome.Overrun(this, true));
        } else {
            endInOrder();
        }
    }

    private void endInOrder() {
        if (responses == 1) {
            InferenceResponse only = first.orElseThrow();
            first = Optional.empty();
            post(only, true);
        } else {
            fail(
                    new StatusException(
                            StatusCode.INTERNAL, "expected a single response, got " + responses));
        }
    }

    @Override
    public void fail(StatusException status) {
        first.ifPresent(InferenceResponse::close);
        first = Optional.empty();
        boolean early = call.inEventLoop() && submitting && responses == 0;
        long bytes = StreamOutcome.OVERHEAD_BYTES + status.text().length();
        call.post(
                call.take(bytes)
                        ? new StreamOutcome.Failed(this, status, early, bytes)
                        : new StreamOutcome.Overrun(this, true));
    }

    private void post(@Owned InferenceResponse response, boolean last) {
        long bytes = StreamOutcome.OVERHEAD_BYTES + Tensor.byteSize(response.outputs());
        if (call.take(bytes)) {
            call.post(new StreamOutcome.Answered(this, response, last, bytes));
        } else {
            response.close();
            call.post(new StreamOutcome.Overrun(this, last));
        }
    }
}
