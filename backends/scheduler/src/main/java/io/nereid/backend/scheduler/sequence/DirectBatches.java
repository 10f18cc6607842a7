package io.nereid.backend.scheduler.sequence;

import io.nereid.backend.BatchClose;
import io.nereid.protocol.InferenceRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BiPredicate;
import org.jspecify.annotations.Nullable;

/** The direct strategy (schedulers section 10): a request's place in the batch is its slot. */
final class DirectBatches implements SlotBatches {
    private final SequenceBook book;
    private final SequencePolicy.Direct policy;
    private final BiPredicate<InferenceRequest, InferenceRequest> rule;
    private final List<Slot> slots;

    DirectBatches(
            SequenceBook book,
            SequencePolicy.Direct policy,
            BiPredicate<InferenceRequest, InferenceRequest> rule,
            List<Slot> slots) {
        this.book = book;
        this.policy = policy;
        this.rule = rule;
        this.slots = slots;
    }

    /** Nothing is chosen before the instance is idle. */
    @Override
    public void offered(Slot slot) {}

    @Override
    public void withdraw(Turn turn) {
        throw new IllegalStateException("the direct strategy submits nothing");
    }

    @Override
    public Choice next(long nowNanos, boolean draining) {
        slots.forEach(this::dropCancelled);
        Ready ready = new Ready();
        slots.forEach(ready::consider);
        if (ready.template == null) {
            return Choice.nothing();
        }
        long age = nowNanos - ready.oldestArrival;
        boolean waits = policy.delayNanos() > 0 && ready.count < policy.enough() && !draining;
        if (waits && age < policy.delayNanos()) {
            return Choice.await(policy.delayNanos() - age);
        }
        return new Choice(rows(ready.template, ready.highest), BatchClose.SEQUENCE, 0);
    }

    private void dropCancelled(Slot slot) {
        for (Turn front = slot.front(); front != null; front = slot.front()) {
            if (!front.request().isCancelled()) {
                return;
            }
            book.abandon(front.sequence);
        }
    }

    private List<Optional<Turn>> rows(Turn template, int highest) {
        List<Optional<Turn>> rows = new ArrayList<>(highest + 1);
        for (Slot slot : slots.subList(0, highest + 1)) {
            Turn front = slot.front();
            boolean joins = front != null && joins(template, front);
            rows.add(joins ? Optional.of(book.start(slot)) : Optional.empty());
        }
        return rows;
    }

    private boolean joins(Turn template, Turn turn) {
        return rule.test(template.request(), turn.request()) && turn.fits(template);
    }

    /** What the slots hold. */
    private static final class Ready {
        private @Nullable Turn template;
        private int count;
        private int highest;
        private long oldestArrival;

        void consider(Slot slot) {
            Turn front = slot.front();
            if (front == null) {
                return;
            }
            long arrival = front.request().arrivalNanos();
            if (template == null) {
                template = front;
                oldestArrival = arrival;
            } else if (arrival - oldestArrival < 0) {
                oldestArrival = arrival;
            }
            count++;
            highest = slot.position;
        }
    }
}
