package io.nereid.benchmarks.soak;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class GrowthTest {
    @Test
    void takesNoNoticeOfWarmingUpAndOfSingleSamples() {
        List<Sample> samples = threads(10, 20, 100, 101, 100, 500, 100, 101, 100, 500, 102, 100);

        assertThat(Growth.of(Figure.THREADS, samples).isTooMuch()).isFalse();
    }

    @Test
    void seesWhatGrowsFromQuarterToQuarter() {
        List<Sample> samples = IntStream.range(0, 40).mapToObj(i -> thread(100 + i)).toList();

        Growth growth = Growth.of(Figure.THREADS, samples);

        assertThat(growth.before()).isEqualTo(115);
        assertThat(growth.after()).isEqualTo(135);
        assertThat(growth.isTooMuch()).isTrue();
    }

    @Test
    void allowsLittleFiguresTheirTolerance() {
        assertThat(new Growth(Figure.THREADS, 10, 14).isTooMuch()).isFalse();
        assertThat(new Growth(Figure.THREADS, 10, 15).isTooMuch()).isTrue();
    }

    @Test
    void saysNothingOfFewSamples() {
        assertThatThrownBy(() -> Growth.of(Figure.THREADS, threads(1, 2, 3)))
                .isInstanceOf(IllegalStateException.class);
    }

    private static List<Sample> threads(int... counts) {
        return IntStream.of(counts).mapToObj(GrowthTest::thread).toList();
    }

    private static Sample thread(int count) {
        return new Sample(Map.of(Figure.THREADS, (double) count));
    }
}
