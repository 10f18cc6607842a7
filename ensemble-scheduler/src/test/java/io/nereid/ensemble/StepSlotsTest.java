package io.nereid.ensemble;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Two steps with two slots each. */
class StepSlotsTest {
    private final StepSlots<Waiting> slots = new StepSlots<>(2, 2);
    private final List<Waiting> told = new ArrayList<>();

    /** Takes what it is granted, or not. */
    private static final class Waiting implements StepSlots.Waiter {
        private final boolean takes;
        private int grants;

        Waiting(boolean takes) {
            this.takes = takes;
        }

        @Override
        public boolean granted(int step) {
            grants++;
            return takes;
        }
    }

    @Test
    void hasSlotsOfItsOwnForEachStep() {
        Waiting run = new Waiting(true);
        assertThat(slots.tryTake(0, run)).isTrue();
        assertThat(slots.tryTake(0, run)).isTrue();
        assertThat(slots.tryTake(0, run)).isFalse();
        assertThat(slots.tryTake(1, run)).isTrue();
    }

    @Test
    void handsASlotToTheFirstInLine() {
        fill();
        Waiting first = new Waiting(true);
        Waiting second = new Waiting(true);
        assertThat(slots.tryTake(0, first)).isFalse();
        assertThat(slots.tryTake(0, second)).isFalse();
        assertThat(slots.tryTake(0, first)).isFalse();

        slots.give(0, told::add);
        assertThat(told).containsExactly(first);
        assertThat(slots.free(0)).isZero();
        slots.give(0, told::add);
        assertThat(told).containsExactly(first, second);
        slots.give(0, told::add);
        assertThat(first.grants).isEqualTo(1);
        assertThat(slots.free(0)).isEqualTo(1);
    }

    @Test
    void passesOverWhoNeedsNoSlotAnyMore() {
        fill();
        Waiting gone = new Waiting(false);
        Waiting next = new Waiting(true);
        slots.tryTake(0, gone);
        slots.tryTake(0, next);

        slots.give(0, told::add);
        assertThat(told).containsExactly(gone, next);
        assertThat(slots.free(0)).isZero();
    }

    @Test
    void freesTheSlotThatNobodyInLineNeeds() {
        fill();
        slots.tryTake(0, new Waiting(false));
        slots.give(0, told::add);

        assertThat(told).hasSize(1);
        assertThat(slots.free(0)).isEqualTo(1);
    }

    @Test
    void forgetsWhoLeavesTheLine() {
        fill();
        Waiting run = new Waiting(true);
        slots.tryTake(0, run);

        assertThat(slots.leave(1, run)).isFalse();
        assertThat(slots.leave(0, run)).isTrue();
        assertThat(slots.leave(0, run)).isFalse();
        slots.give(0, told::add);
        assertThat(told).isEmpty();
    }

    private void fill() {
        Waiting other = new Waiting(true);
        assertThat(slots.tryTake(0, other)).isTrue();
        assertThat(slots.tryTake(0, other)).isTrue();
    }
}
