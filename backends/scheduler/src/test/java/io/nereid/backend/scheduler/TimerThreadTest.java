package io.nereid.backend.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class TimerThreadTest {
    @Test
    void runsEventsInTheirOrderOnOneThreadAndNotBefore() throws InterruptedException {
        BlockingQueue<String> events = new ArrayBlockingQueue<>(3);
        try (TimerThread timer = new TimerThread()) {
            long start = System.nanoTime();
            timer.schedule(
                    TimeUnit.MILLISECONDS.toNanos(20),
                    () -> events.add("late " + Thread.currentThread().getName()));
            timer.schedule(
                    TimeUnit.MILLISECONDS.toNanos(5),
                    () -> events.add("early " + Thread.currentThread().getName()));

            assertThat(events.poll(30, TimeUnit.SECONDS)).isEqualTo("early nereid-timer");
            assertThat(events.poll(30, TimeUnit.SECONDS)).isEqualTo("late nereid-timer");
            assertThat(System.nanoTime() - start)
                    .isGreaterThanOrEqualTo(TimeUnit.MILLISECONDS.toNanos(20));
        }
    }

    @Test
    void goesOnAfterAnEventThatFails() throws InterruptedException {
        BlockingQueue<String> events = new ArrayBlockingQueue<>(1);
        try (TimerThread timer = new TimerThread()) {
            timer.schedule(
                    0,
                    () -> {
                        throw new IllegalStateException("broken");
                    });
            timer.schedule(0, () -> events.add("next"));

            assertThat(events.poll(30, TimeUnit.SECONDS)).isEqualTo("next");
        }
    }
}
