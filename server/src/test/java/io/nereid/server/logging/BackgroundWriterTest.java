package io.nereid.server.logging;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class BackgroundWriterTest {
    private final List<String> done = new ArrayList<>();
    private final CountDownLatch begun = new CountDownLatch(1);
    private final CountDownLatch held = new CountDownLatch(1);

    private BackgroundWriter writer(int capacity) {
        return new BackgroundWriter("a test", capacity, () -> done.add("idle"));
    }

    /** Keeps the thread busy until the latch is opened. */
    private void hold() {
        begun.countDown();
        try {
            assertThat(held.await(10, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void doesEverythingInOrderBeforeItIsClosed() {
        BackgroundWriter writer = writer(10);
        writer.post(this::hold);
        writer.offer(() -> done.add("a"));
        writer.post(() -> done.add("b"));
        held.countDown();
        writer.close();

        assertThat(done).startsWith("a", "b").endsWith("idle");
    }

    @Test
    void refusesWhatIsTooMuch() throws InterruptedException {
        BackgroundWriter writer = writer(1);
        writer.post(this::hold);
        begun.await();

        assertThat(writer.offer(() -> done.add("a"))).isTrue();
        assertThat(writer.offer(() -> done.add("b"))).isFalse();
        assertThat(writer.refused()).isEqualTo(1);
        writer.post(() -> done.add("c"));
        held.countDown();
        writer.close();

        assertThat(done).startsWith("a", "c");
    }

    @Test
    void goesOnAfterAFailure() {
        BackgroundWriter writer = writer(10);
        writer.offer(() -> {
            throw new IllegalStateException("expected by a test");
        });
        writer.offer(() -> done.add("a"));
        writer.close();

        assertThat(done).contains("a");
    }
}
