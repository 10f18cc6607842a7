package io.nereid.backend.scheduler.sequence;

import io.nereid.backend.SequenceStep;
import io.nereid.protocol.InferenceResponse;
import io.nereid.protocol.Owned;
import io.nereid.protocol.ResponseSender;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.Tensor;
import java.util.Set;

/**
 * Who asks and what is carried on where a place in a batch is only filled: nobody and nothing.
 *
 * @param stateOutputs names of the outputs that are states of the others
 */
record Padding(Set<String> stateOutputs) implements SequenceStep, ResponseSender {
    @Override
    public void update(@Owned Tensor output) {
        output.buffer().close();
    }

    @Override
    public void reschedule() {
        // There is nothing to go on with.
    }

    @Override
    public boolean isRescheduled() {
        return false;
    }

    @Override
    public boolean isPadding() {
        return true;
    }

    @Override
    public void send(@Owned InferenceResponse response, boolean last) {
        response.close();
    }

    @Override
    public void complete() {}

    @Override
    public void fail(StatusException status) {}
}
