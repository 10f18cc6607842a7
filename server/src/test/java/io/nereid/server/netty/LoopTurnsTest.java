package io.nereid.server.netty;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.EventLoop;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class LoopTurnsTest {
    private final EventLoops loops = EventLoops.open(1);
    private final EventLoop loop = loops.transport().eventLoops().next();
    private final Executor turns = new LoopTurns();
    private final List<String> done = new ArrayList<>();

    @AfterEach
    void stop() {
        loops.close();
    }

    @Test
    void putsWorkOffUntilTheLoopHasReadEveryConnection() throws Exception {
        loop.submit(
                        () -> {
                            turns.execute(() -> done.add("first"));
                            turns.execute(() -> done.add("second"));
                            done.add("read");
                        })
                .sync();
        loop.submit(() -> done.add("next turn")).sync();

        assertThat(done).containsExactly("read", "first", "second", "next turn");
    }

    @Test
    void doesItBeforeWhatTakesLong() throws Exception {
        loop.submit(
                        () -> {
                            turns.execute(() -> done.add("first"));
                            LoopTurns.endNow();
                            done.add("long");
                            turns.execute(() -> done.add("second"));
                            done.add("read");
                        })
                .sync();
        loop.submit(() -> done.add("next turn")).sync();

        assertThat(done).containsExactly("first", "long", "read", "second", "next turn");
    }

    @Test
    void doesTheRestIfSomethingFails() throws Exception {
        loop.submit(
                        () -> {
                            turns.execute(() -> {
                                throw new IllegalStateException("broken");
                            });
                            turns.execute(() -> done.add("second"));
                        })
                .sync();
        loop.submit(() -> turns.execute(() -> done.add("third"))).sync();
        loop.submit(() -> {}).sync();

        assertThat(done).containsExactly("second", "third");
    }

    @Test
    void doesItAtOnceOnAnyOtherThread() {
        turns.execute(() -> done.add("at once"));
        LoopTurns.endNow();

        assertThat(done).containsExactly("at once");
    }
}
