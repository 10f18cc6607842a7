package io.nereid.backend.scheduler.sequence;

import io.nereid.backend.Batch;
import io.nereid.backend.SequenceStep;
import io.nereid.protocol.InferenceRequest;
import io.nereid.protocol.Owned;
import io.nereid.protocol.ResponseSender;
import io.nereid.protocol.Tensor;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * One request in its sequence. Belongs to the {@link SequenceBook} that gave it, but while it
 * executes to the instance's thread.
 */
public final class Turn implements SequenceStep {
    /** Where it stands. */
    enum State {
        /** In its sequence's queue. */
        QUEUED,
        /** In the oldest strategy's batcher. */
        SUBMITTED,
        EXECUTING,
        GONE
    }

    final Sequence sequence;
    private final boolean iterative;
    State state = State.QUEUED;

    /** The slot that it was taken out of. */
    @Nullable Slot slot;

    private Batch.Item item;
    private boolean ordered;
    private boolean rescheduled;

    Turn(InferenceRequest request, ResponseSender sender, Sequence sequence, boolean iterative) {
        this.sequence = sequence;
        this.iterative = iterative;
        this.item = new Batch.Item(request, sender, this);
    }

    /** The request, for a batch. */
    public Batch.Item item() {
        return item;
    }

    InferenceRequest request() {
        return item.request();
    }

    /** Gives the request a place in an order of answers, once, however often it is executed. */
    public void answerInOrder(UnaryOperator<ResponseSender> order) {
        if (!ordered) {
            ordered = true;
            item = new Batch.Item(item.request(), order.apply(item.sender()), this);
        }
    }

    /** Whether the states of the two sequences can be in one batch; they may have grown apart. */
    public boolean fits(Turn first) {
        return sequence.states.fit(
                request().sequenceStart(), first.sequence.states, first.request().sequenceStart());
    }

    /** What the sequence carries, for the execution. */
    SequenceStates states() {
        return sequence.states;
    }

    @Override
    public Set<String> stateOutputs() {
        return sequence.states.outputs();
    }

    @Override
    public void update(@Owned Tensor output) {
        sequence.states.update(output);
    }

    @Override
    public void reschedule() {
        if (!iterative) {
            throw SequenceStep.notIterative();
        }
        rescheduled = true;
    }

    @Override
    public boolean isRescheduled() {
        return rescheduled;
    }

    /** Goes back into the queue after an execution. */
    void again() {
        rescheduled = false;
        state = State.QUEUED;
        request().rescheduled();
    }

    @Override
    public boolean isPadding() {
        return false;
    }
}
