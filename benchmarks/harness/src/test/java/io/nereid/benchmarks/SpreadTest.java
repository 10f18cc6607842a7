package io.nereid.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

final class SpreadTest {
    @Test
    void tellsTheMiddleAndTheEnds() {
        assertThat(Spread.of(List.of(3.0, 1.0, 200.0)).text(Report::micros))
                .isEqualTo("3.0 µs (1.0 µs–200 µs)");
        assertThat(Spread.of(List.of(4.0, 1.0)).median()).isEqualTo(2.5);
    }

    @Test
    void tellsOneMeasurementAlone() {
        assertThat(Spread.of(List.of(1500.0)).text(Report::micros)).isEqualTo("1.50 ms");
    }
}
