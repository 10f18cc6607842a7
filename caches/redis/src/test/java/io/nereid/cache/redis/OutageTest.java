package io.nereid.cache.redis;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class OutageTest {
    private final AtomicLong nanoTime = new AtomicLong(Long.MAX_VALUE - 50);
    private final Outage outage = new Outage(100, nanoTime::get);

    @Test
    void letsEverybodyAskWhileAllIsWell() {
        outage.answered();

        assertThat(outage.mayAsk()).isTrue();
        assertThat(outage.mayAsk()).isTrue();
    }

    @Test
    void letsNobodyAskForAWhileAfterAFailure() {
        outage.failed();
        nanoTime.addAndGet(99);

        assertThat(outage.mayAsk()).isFalse();
    }

    @Test
    void letsOneAskAfterwards() {
        outage.failed();
        nanoTime.addAndGet(100);

        assertThat(outage.mayAsk()).isTrue();
        assertThat(outage.mayAsk()).isFalse();
    }

    @Test
    void letsEverybodyAskAgainOnceOneIsAnswered() {
        outage.failed();
        nanoTime.addAndGet(100);
        assertThat(outage.mayAsk()).isTrue();
        outage.answered();

        assertThat(outage.mayAsk()).isTrue();
        assertThat(outage.mayAsk()).isTrue();
    }

    @Test
    void waitsAgainIfThatOneFails() {
        outage.failed();
        nanoTime.addAndGet(100);
        assertThat(outage.mayAsk()).isTrue();
        nanoTime.addAndGet(40);
        outage.failed();
        nanoTime.addAndGet(99);

        assertThat(outage.mayAsk()).isFalse();
        nanoTime.addAndGet(1);
        assertThat(outage.mayAsk()).isTrue();
    }
}
