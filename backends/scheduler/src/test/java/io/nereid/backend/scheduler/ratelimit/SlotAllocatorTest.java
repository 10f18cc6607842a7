package io.nereid.backend.scheduler.ratelimit;

import static io.nereid.backend.scheduler.ratelimit.Demands.demand;
import static io.nereid.backend.scheduler.ratelimit.Demands.some;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class SlotAllocatorTest {
    private final SlotAllocator allocator = new SlotAllocator(new ResourcePools(List.of()));

    private Slot add(String rateLimiter) {
        return allocator.add(demand(rateLimiter));
    }

    private void execute(Slot slot) {
        allocator.stage(slot);
        assertThat(allocator.allocate()).containsExactly(slot);
        allocator.release(slot, true);
    }

    /** The worked example: A needs all of R1, instances of B some of it. */
    @Test
    void neverLetsAnInstanceThatNeedsAllRunWithAnother() {
        Slot a = add(some(4, "R1"));
        Slot b = add(some(1, "R1"));
        Slot c = add(some(1, "R1"));
        List.of(a, b, c).forEach(allocator::stage);

        assertThat(allocator.allocate()).containsExactly(a);
        assertThat(allocator.allocate()).isEmpty();
        allocator.release(a, true);
        allocator.stage(a);

        assertThat(allocator.allocate()).containsExactly(b, c);
        allocator.release(b, true);
        assertThat(allocator.allocate()).isEmpty();
        allocator.release(c, true);
        assertThat(allocator.allocate()).containsExactly(a);
    }

    @Test
    void letsNobodyOvertakeTheFirstInLine() {
        Slot running = add(some(2, "R1"));
        Slot first = add(some(4, "R1"));
        Slot next = add(some(2, "R1"));
        Slot unrelated = add(some(1, "R2"));
        allocator.stage(running);
        allocator.allocate();

        List.of(first, next, unrelated).forEach(allocator::stage);
        assertThat(allocator.allocate()).isEmpty();
        allocator.release(running, true);
        assertThat(allocator.allocate()).containsExactly(first);
        allocator.release(first, true);
        assertThat(allocator.allocate()).containsExactly(next, unrelated);
    }

    @Test
    void letsWhoeverExecutedLessGoFirst() {
        Slot busy = add(some(1, "R1"));
        Slot lazy = add(some(1, "R1"));
        execute(busy);

        allocator.stage(busy);
        allocator.stage(lazy);
        assertThat(allocator.allocate()).containsExactly(lazy);
    }

    @Test
    void givesPriorityTwoHalfTheExecutionsOfPriorityOne() {
        Slot one = add(some(1, "R1"));
        Slot two = add(some(1, "R1") + "priority: 2");
        allocator.stage(one);
        allocator.stage(two);
        for (int i = 0; i < 300; i++) {
            Slot chosen = allocator.allocate().getFirst();
            allocator.release(chosen, true);
            allocator.stage(chosen);
        }

        assertThat(one.executions()).isEqualTo(200);
        assertThat(two.executions()).isEqualTo(100);
    }

    @Test
    void doesNotCountAnExecutionThatDidNotHappen() {
        Slot slot = add(some(1, "R1"));
        allocator.stage(slot);
        allocator.allocate();
        allocator.release(slot, false);

        assertThat(slot.executions()).isZero();
        execute(slot);
        assertThat(slot.executions()).isEqualTo(1);
    }

    @Test
    void startsANewcomerLevelWithTheOneFurthestBehind() {
        Slot ahead = add(some(1, "R1"));
        Slot behind = add(some(1, "R1") + "priority: 2");
        for (int i = 0; i < 9; i++) {
            execute(ahead);
        }
        for (int i = 0; i < 4; i++) {
            execute(behind);
        }

        Slot newcomer = add(some(1, "R1"));
        assertThat(newcomer.key()).isEqualTo(8);
        assertThat(newcomer.executions()).isZero();
    }

    @Test
    void forgetsAnInstanceThatWaitsAndLetsOthersGo() {
        Slot running = add(some(1, "R1"));
        Slot large = add(some(4, "R1"));
        Slot small = add(some(1, "R1"));
        allocator.stage(running);
        allocator.allocate();
        allocator.stage(large);
        allocator.stage(small);
        assertThat(allocator.allocate()).isEmpty();

        allocator.remove(large);
        // Now there is but one, and that is in use.
        assertThat(allocator.allocate()).isEmpty();
        allocator.release(running, true);
        assertThat(allocator.allocate()).containsExactly(small);
    }

    @Test
    void takesBackWhatAnInstanceHeldThatIsGone() {
        Slot gone = add(some(1, "R1"));
        Slot next = add(some(1, "R1"));
        allocator.stage(gone);
        allocator.allocate();
        allocator.stage(next);
        allocator.remove(gone);

        assertThat(allocator.allocate()).containsExactly(next);
    }

    @Test
    void ordersByExecutionsAlsoBeyondWhatANumberHolds() {
        Slot slot = new Slot(demand("priority: 4294967295"), Long.MAX_VALUE - 1);
        slot.staged(0);
        slot.allocated();
        slot.released(true);

        assertThat(slot.key()).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void refusesToBeUsedInAnotherOrder() {
        Slot slot = add("");
        allocator.stage(slot);

        assertThatThrownBy(() -> allocator.stage(slot)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> allocator.release(slot, true))
                .hasMessage("an instance becomes IDLE but is STAGED");
    }
}
