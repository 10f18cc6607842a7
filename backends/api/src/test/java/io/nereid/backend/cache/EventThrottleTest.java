package io.nereid.backend.cache;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class EventThrottleTest {
    private final AtomicLong nanoTime = new AtomicLong(-3);
    private final EventThrottle throttle = new EventThrottle(100, nanoTime::get);

    @Test
    void letsTheFirstEventThrough() {
        assertThat(throttle.happened()).hasValue(0);
    }

    @Test
    void countsWhatItKeepsBack() {
        assertThat(throttle.happened()).isPresent();
        nanoTime.addAndGet(99);
        assertThat(throttle.happened()).isEmpty();
        assertThat(throttle.happened()).isEmpty();
        nanoTime.addAndGet(1);

        assertThat(throttle.happened()).hasValue(2);
        assertThat(throttle.happened()).isEmpty();
    }
}
