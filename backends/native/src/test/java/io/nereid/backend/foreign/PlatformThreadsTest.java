package io.nereid.backend.foreign;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import java.io.IOException;
import org.junit.jupiter.api.Test;

final class PlatformThreadsTest {
    @Test
    void runsTheTaskOnAPlatformThreadOfThatName() {
        Thread thread = PlatformThreads.call("loader", Thread::currentThread);
        assertThat(thread.getName()).isEqualTo("loader");
        assertThat(thread.isVirtual()).isFalse();
    }

    @Test
    void hasRoomForDeepRecursion() {
        assertThat(PlatformThreads.call("loader", () -> depth(60_000))).isEqualTo(60_000);
    }

    private static int depth(int left) {
        return left == 0 ? 0 : 1 + depth(left - 1);
    }

    @Test
    void throwsWhatTheTaskThrows() {
        assertThatThrownBy(() ->
                        PlatformThreads.call(
                                "loader",
                                () -> {
                                    throw new StatusException(StatusCode.INTERNAL, "broken model");
                                }))
                .isInstanceOfSatisfying(
                        StatusException.class,
                        e -> assertThat(e.code()).isEqualTo(StatusCode.INTERNAL))
                .hasMessage("broken model");
        assertThatThrownBy(() ->
                        PlatformThreads.call(
                                "loader",
                                () -> {
                                    throw new IOException("disk");
                                }))
                .isInstanceOf(IllegalStateException.class)
                .hasRootCauseMessage("disk");
    }

    @Test
    void finishesTheTaskAndKeepsTheInterruptWhenInterrupted() {
        Thread.currentThread().interrupt();
        assertThat(PlatformThreads.call("loader", () -> 7)).isEqualTo(7);
        assertThat(Thread.interrupted()).isTrue();
    }
}
