package io.nereid.backend.scheduler;

import io.nereid.backend.scheduler.ratelimit.ExecutionSlot;
import io.nereid.protocol.Owned;

/**
 * The work of one instance that needs resources to execute (schedulers section 15). It stands in
 * line as soon as there is work and takes its batch when the resources are there, so that requests
 * that come meanwhile are in it; it gives them back when the instance asks for the next batch. Used
 * by the instance's thread; {@link #wake} and {@link #left} by any.
 *
 * <p>Of several instances that stand in line for the same work the first one takes it; it calls the
 * others back, so that none holds up the line for nothing. Whoever stands in line looks once more
 * whether there is work, since its call may have come before.
 */
final class RateLimitedSource implements BatchSource {
    private final BatchSource source;
    private final ExecutionSlot slot;
    private boolean executing;

    RateLimitedSource(BatchSource source, @Owned ExecutionSlot slot) {
        this.source = source;
        this.slot = slot;
    }

    @Override
    public Work take(Taker taker) {
        if (executing) {
            executing = false;
            slot.release(true);
        }
        while (source.awaitWork(taker)) {
            Work work = takeInTurn(taker);
            if (!work.items().isEmpty()) {
                executing = true;
                return work;
            }
        }
        return Work.NONE;
    }

    private Work takeInTurn(Taker taker) {
        slot.stage();
        if (taker.isRetired() || !source.hasWork()) {
            slot.recall();
        }
        if (!slot.await()) {
            return Work.NONE;
        }
        Work work = taker.isRetired() ? Work.NONE : source.poll();
        if (work.items().isEmpty()) {
            slot.release(false);
        } else if (!source.hasWork()) {
            slot.recallModel();
        }
        return work;
    }

    @Override
    public boolean awaitWork(Taker taker) {
        return source.awaitWork(taker);
    }

    @Override
    public boolean hasWork() {
        return source.hasWork();
    }

    @Override
    public Work poll() {
        return source.poll();
    }

    @Override
    public void wake() {
        source.wake();
        slot.recall();
    }

    @Override
    public void left() {
        slot.close();
    }
}
