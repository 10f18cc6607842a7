package io.nereid.backend.scheduler.ratelimit;

import static io.nereid.backend.scheduler.ratelimit.Demands.some;
import static io.nereid.backend.scheduler.ratelimit.Demands.spec;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Slots on the threads of their instances. */
class RateLimiterTest {
    private static final int THREADS = 6;
    private static final int EXECUTIONS = 200;

    private final RateLimiter limiter = new RateLimiter(List.of());
    private final ModelSlots model = limiter.model();

    private ExecutionSlot open(int count) {
        return model.open(spec(some(count, "R1")));
    }

    @Test
    void letsNoMoreExecuteThanThereAreResourcesFor() throws Exception {
        AtomicInteger used = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        List<ExecutionSlot> slots = new ArrayList<>();
        List<Future<?>> ends = new ArrayList<>();
        try (ExecutorService threads = Executors.newFixedThreadPool(THREADS)) {
            for (int i = 0; i < THREADS; i++) {
                int count = 1 + i % 3;
                ExecutionSlot slot = open(count);
                slots.add(slot);
                ends.add(
                        threads.submit(() -> {
                            for (int n = 0; n < EXECUTIONS; n++) {
                                slot.stage();
                                assertThat(slot.await()).isTrue();
                                most.accumulateAndGet(used.addAndGet(count), Math::max);
                                used.addAndGet(-count);
                                slot.release(true);
                            }
                        }));
            }
            for (Future<?> end : ends) {
                end.get();
            }
        }
        assertThat(most).hasValueLessThanOrEqualTo(3);
        assertThat(slots).extracting(ExecutionSlot::executions).containsOnly((long) EXECUTIONS);
        slots.forEach(ExecutionSlot::close);
    }

    @Test
    void callsBackOneInstanceOrAllThatStandInLine() {
        ExecutionSlot running = open(1);
        ExecutionSlot first = open(1);
        ExecutionSlot second = open(1);
        running.stage();
        assertThat(running.await()).isTrue();
        first.stage();
        second.stage();

        first.recall();
        assertThat(first.await()).isFalse();
        first.stage();
        running.recallModel();
        assertThat(first.await()).isFalse();
        assertThat(second.await()).isFalse();
        running.release(true);
        assertThat(running.executions()).isEqualTo(1);
    }

    @Test
    void freesWhatAnInstanceHeldThatIsGone() {
        ExecutionSlot gone = open(1);
        ExecutionSlot next = open(1);
        gone.stage();
        assertThat(gone.await()).isTrue();
        next.stage();
        gone.close();

        assertThat(next.await()).isTrue();
    }

    @Test
    void letsThoseGoForWhomThereIsEnoughOnceAnotherNeedsMore() {
        ExecutionSlot running = open(1);
        ExecutionSlot next = open(1);
        running.stage();
        assertThat(running.await()).isTrue();
        next.stage();
        open(2);

        assertThat(next.await()).isTrue();
    }
}
