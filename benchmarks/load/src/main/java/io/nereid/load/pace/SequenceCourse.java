package io.nereid.load.pace;

import io.nereid.load.client.SequenceStep;
import java.util.Optional;

/** One sequence after the other. Used by one thread. */
public final class SequenceCourse implements Course {
    private final SequencePlan plan;
    private SequencePlan.Script script;
    private long id;
    private int sent;

    /** Sequences of a plan. */
    public SequenceCourse(SequencePlan plan) {
        this.plan = plan;
        this.script = SequencePlan.Script.NONE;
    }

    @Override
    public Turn next() {
        if (!isOpen()) {
            script = plan.script();
            id = plan.ids().take();
            sent = 0;
        }
        return turn(sent + 1 == script.length());
    }

    @Override
    public boolean isOpen() {
        return sent > 0 && sent < script.length();
    }

    @Override
    public Turn last() {
        return turn(true);
    }

    @Override
    public void abandon() {
        if (sent > 0 && sent <= script.length()) {
            plan.ids().giveBack(id);
        }
        script = SequencePlan.Script.NONE;
        sent = 0;
    }

    private Turn turn(boolean end) {
        Turn turn =
                new Turn(script.request(sent), Optional.of(new SequenceStep(id, sent == 0, end)));
        sent++;
        if (end) {
            plan.ids().giveBack(id);
            script = SequencePlan.Script.NONE;
            sent = 0;
        }
        return turn;
    }
}
