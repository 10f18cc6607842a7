package io.nereid.backend.scheduler.sequence;

/**
 * The oldest strategy (schedulers section 11): of each slot one request at most is in a batcher or
 * executes, so that the order in a sequence is kept whatever is put together.
 */
final class OldestBatches implements SlotBatches {
    private final SequenceBook book;
    private final SlotBatcher batcher;

    OldestBatches(SequenceBook book, SlotBatcher batcher) {
        this.book = book;
        this.batcher = batcher;
    }

    @Override
    public void offered(Slot slot) {
        if (slot.submitted != null) {
            return;
        }
        Turn front = slot.front();
        if (front == null) {
            return;
        }
        if (front.request().isCancelled()) {
            book.abandon(front.sequence);
            return;
        }
        batcher.add(book.submit(slot));
    }

    @Override
    public void withdraw(Turn turn) {
        batcher.remove(turn);
    }

    @Override
    public Choice next(long nowNanos, boolean draining) {
        Cancelled cancelled = new Cancelled();
        Choice choice;
        do {
            cancelled.any = false;
            choice = batcher.next(nowNanos, draining, cancelled::leave);
            // Whoever takes the place of what left may be ready at once.
        } while (choice.rows().isEmpty() && cancelled.any);
        choice.rows().forEach(row -> row.ifPresent(book::executing));
        return choice;
    }

    /** Requests that the batcher found cancelled before the book was told. */
    private final class Cancelled {
        private boolean any;

        void leave(Turn turn) {
            any = true;
            book.abandonSubmitted(turn);
        }
    }
}
