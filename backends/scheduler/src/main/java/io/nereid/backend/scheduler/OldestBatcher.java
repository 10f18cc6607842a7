package io.nereid.backend.scheduler;

import io.nereid.backend.Batch;
import io.nereid.backend.BatchClose;
import io.nereid.backend.scheduler.sequence.Choice;
import io.nereid.backend.scheduler.sequence.SlotBatcher;
import io.nereid.backend.scheduler.sequence.Turn;
import io.nereid.protocol.ModelConfig;
import io.nereid.protocol.ResponseSender;
import io.nereid.protocol.proto.ModelConfigProto.ModelSequenceBatching.StrategyOldest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/**
 * The dynamic batcher inside of the oldest strategy (schedulers section 11), one for each instance.
 * It has no priorities and no timeouts.
 */
final class OldestBatcher implements SlotBatcher {
    private final PendingRequests pending;
    private final UnaryOperator<ResponseSender> order;
    private final Map<Turn, Waiting> places = new HashMap<>();

    private OldestBatcher(PendingRequests pending, UnaryOperator<ResponseSender> order) {
        this.pending = pending;
        this.order = order;
    }

    static OldestBatcher of(
            ModelConfig config, StrategyOldest oldest, BatchRule rule, int capacity) {
        BatchPolicy policy =
                BatchPolicy.withoutLevels(
                        config,
                        Set.copyOf(oldest.getPreferredBatchSizeList()),
                        QueuePolicy.nanos(oldest.getMaxQueueDelayMicroseconds()),
                        capacity);
        return new OldestBatcher(
                new BatchQueue(policy, rule),
                oldest.getPreserveOrdering()
                        ? new ResponseOrder()::inOrder
                        : UnaryOperator.identity());
    }

    @Override
    public void add(Turn turn) {
        turn.answerInOrder(order);
        places.put(turn, pending.add(turn.item()));
    }

    @Override
    public void remove(Turn turn) {
        Waiting place = places.remove(turn);
        if (place != null) {
            pending.remove(place);
        }
    }

    @Override
    public Choice next(long nowNanos, boolean draining, Consumer<Turn> cancelled) {
        PendingRequests.Decision decision = pending.next(nowNanos, draining);
        for (PendingRequests.Dropped dropped : decision.dropped()) {
            cancelled.accept(leave(dropped.item()));
        }
        List<Optional<Turn>> rows = new ArrayList<>();
        BatchClose close = decision.close();
        for (Batch.Item item : decision.batch()) {
            Turn turn = leave(item);
            if (rows.isEmpty() || turn.fits(rows.getFirst().orElseThrow())) {
                rows.add(Optional.of(turn));
            } else {
                // The queue knows inputs only: this one waits for the next batch.
                add(turn);
                close = BatchClose.SHAPE;
            }
        }
        return new Choice(rows, close, decision.waitNanos());
    }

    private Turn leave(Batch.Item item) {
        if (!(item.step() instanceof Turn turn)) {
            throw new IllegalStateException("a request of no sequence in a batcher of sequences");
        }
        places.remove(turn);
        return turn;
    }
}
