package io.nereid.backend.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

final class RecentRunsTest {
    private static final long MICRO = TimeUnit.MICROSECONDS.toNanos(1);

    private final RecentRuns runs = new RecentRuns(100 * MICRO);

    private void add(int count, long byteSize, long micros) {
        for (int i = 0; i < count; i++) {
            runs.add(byteSize, micros * MICRO);
        }
    }

    @Test
    void hasToProveItselfQuick() {
        assertThat(runs.isQuick()).isFalse();
        add(10, 64, 10);
        assertThat(runs.isQuick()).isFalse();
        add(200, 64, 10);

        assertThat(runs.isQuick()).isTrue();
        assertThat(runs.meanNanos()).isBetween(10 * MICRO, 100 * MICRO);
    }

    @Test
    void neverIsWhereTheMeanIsLonger() {
        add(10_000, 64, 101);

        assertThat(runs.isQuick()).isFalse();
    }

    @Test
    void forgivesOneThatWasInterruptedButNotOneThatWasSlow() {
        add(1_000, 64, 10);
        add(1, 64, 1_000);
        assertThat(runs.isQuick()).isTrue();

        add(1, 64, 100_000);
        assertThat(runs.isQuick()).isFalse();
        add(20, 64, 10);
        assertThat(runs.isQuick()).isFalse();
        add(200, 64, 10);
        assertThat(runs.isQuick()).isTrue();
    }

    @Test
    void trustsOnlyInWhatIsNoLargerThanWhatWasQuick() {
        add(1_000, 64, 10);
        assertThat(runs.isQuick(64)).isTrue();
        assertThat(runs.isQuick(0)).isTrue();
        assertThat(runs.isQuick(65)).isFalse();

        add(1, 1_000, 20);
        assertThat(runs.isQuick(1_000)).isTrue();
        add(1, 2_000, 500);
        assertThat(runs.isQuick(2_000)).isFalse();
        assertThat(runs.isQuick(1_000)).isTrue();
    }

    @Test
    void forgetsSizesWhenItIsNoLongerQuick() {
        add(1_000, 1_000, 10);
        add(1, 1_000, 100_000);
        add(1_000, 64, 10);

        assertThat(runs.isQuick(64)).isTrue();
        assertThat(runs.isQuick(1_000)).isFalse();
    }

    @Test
    void allowsNothingWhereNothingIsAllowed() {
        RecentRuns none = new RecentRuns(0);
        for (int i = 0; i < 10_000; i++) {
            none.add(64, 1);
        }

        assertThat(none.isQuick()).isFalse();
    }
}
