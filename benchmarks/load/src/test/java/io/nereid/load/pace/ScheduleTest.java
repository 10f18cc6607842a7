package io.nereid.load.pace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

final class ScheduleTest {
    private static final long START = 1_000;

    private static List<Long> times(Schedule schedule, int count) {
        List<Long> times = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            times.add(schedule.next(0));
            schedule.advance();
        }
        return times;
    }

    @Test
    void sendsAtEqualDistances() {
        assertThat(times(Schedule.constant(START, 1_000_000), 4))
                .containsExactly(2_000L, 3_000L, 4_000L, 5_000L);
    }

    @Test
    void keepsRatesThatAreNoWholeNumberOfNanoseconds() {
        List<Long> times = times(Schedule.constant(0, 3), 3_000_000);

        assertThat(times.getLast()).isCloseTo(1_000_000_000_000_000L, within(1_000L));
    }

    @Test
    void standsStillUntilItsRequestIsSent() {
        Schedule schedule = Schedule.constant(START, 1_000_000);

        assertThat(schedule.next(50_000)).isEqualTo(2_000);
        assertThat(schedule.next(90_000)).isEqualTo(2_000);
    }

    @Test
    void makesPoissonDistancesOfTheRightMeanAndSpread() {
        List<Long> times = times(Schedule.poisson(0, 1_000, new SplittableRandom(7)), 100_000);
        double mean = times.getLast() / 100_000.0;
        long shorterThanMean = 0;
        for (int i = 1; i < times.size(); i++) {
            shorterThanMean += times.get(i) - times.get(i - 1) < 1_000_000 ? 1 : 0;
        }

        assertThat(mean).isCloseTo(1_000_000, within(10_000.0));
        // 1 - 1/e of the distances of an exponential distribution are below their mean.
        assertThat(shorterThanMean / 100_000.0).isCloseTo(0.632, within(0.01));
    }

    @Test
    void isAlwaysDueInAClosedLoop() {
        assertThat(Schedule.asap().next(42)).isEqualTo(42);
        assertThat(Schedule.asap().waitsForAnswers()).isTrue();
    }
}
