package io.nereid.server.measures;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class HistogramTest {
    /** Limits in thousands of what is counted. */
    private final Histogram histogram = new Histogram(Buckets.of(List.of(5.0, 1.0, 2.5), 1000));

    @Test
    void putsAValueIntoTheFirstBucketWhoseLimitItDoesNotExceed() {
        for (long value : new long[] {0, 1000, 1001, 2500, 2501, 5000, 5001, Long.MAX_VALUE / 2}) {
            histogram.add(value);
        }

        assertThat(histogram.read().limits()).containsExactly(1.0, 2.5, 5.0);
        assertThat(histogram.read().counts()).containsExactly(2L, 2L, 2L, 2L);
    }

    @Test
    void findsTheBucketOfEveryValue() {
        List<Double> limits = List.of(0.0001, 0.0005, 0.001, 0.0011, 0.5, 1.0, 2.0, 900.0);
        Buckets buckets = Buckets.of(limits, 1_000_000_000);
        Random random = new Random(7);
        for (int i = 0; i < 100_000; i++) {
            long value = random.nextLong() >>> random.nextInt(64);
            long below = limits.stream().filter(limit -> Math.floor(limit * 1e9) < value).count();
            assertThat(buckets.indexOf(value)).as("%d", value).isEqualTo(value < 0 ? 0 : below);
        }
        for (double limit : limits) {
            long value = (long) Math.floor(limit * 1e9);
            assertThat(buckets.indexOf(value + 1)).isEqualTo(buckets.indexOf(value) + 1);
        }
    }

    @Test
    void cutsItsSumToAWholeNumberOnce() {
        histogram.add(600);
        histogram.add(3, 500);

        assertThat(histogram.read().counts()).containsExactly(4L, 0L, 0L, 0L);
        assertThat(histogram.read().sum()).isEqualTo(2);
    }

    @Test
    void hasOneBucketIfItHasNoLimits() {
        Histogram single = new Histogram(Buckets.of(List.of(Double.POSITIVE_INFINITY), 1));
        single.add(7);

        assertThat(single.read()).isEqualTo(new Histogram.Reading(List.of(), List.of(1L), 7));
    }

    @Test
    void losesNothingWhenThreadsCountAtATime() throws InterruptedException {
        List<Thread> threads = new ArrayList<>();
        for (int t = 0; t < 4; t++) {
            threads.add(
                    Thread.ofPlatform()
                            .start(() -> {
                                for (int i = 0; i < 10_000; i++) {
                                    histogram.add(i);
                                }
                            }));
        }
        for (Thread thread : threads) {
            thread.join();
        }

        assertThat(histogram.read().counts()).containsExactly(4004L, 6000L, 10_000L, 19_996L);
        assertThat(histogram.read().sum()).isEqualTo(199_980);
    }
}
