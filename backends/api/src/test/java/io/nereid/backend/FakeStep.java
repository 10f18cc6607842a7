package io.nereid.backend;

import io.nereid.protocol.Owned;
import io.nereid.protocol.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** A step of a test's sequence with one state; keeps what it is given. */
final class FakeStep implements SequenceStep, AutoCloseable {
    private final String output;
    private final boolean padding;
    private final List<Tensor> states = new ArrayList<>();
    private boolean rescheduled;

    /** A step whose state is the output {@code STATE}. */
    FakeStep(boolean padding) {
        this("STATE", padding);
    }

    FakeStep(String output, boolean padding) {
        this.output = output;
        this.padding = padding;
    }

    /** States so far, borrowed. */
    List<Tensor> states() {
        return states;
    }

    @Override
    public Set<String> stateOutputs() {
        return Set.of(output);
    }

    @Override
    public void update(@Owned Tensor output) {
        states.add(output);
    }

    @Override
    public void reschedule() {
        rescheduled = true;
    }

    @Override
    public boolean isRescheduled() {
        return rescheduled;
    }

    @Override
    public boolean isPadding() {
        return padding;
    }

    @Override
    public void close() {
        states.forEach(state -> state.buffer().close());
    }
}
