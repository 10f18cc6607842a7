package io.nereid.server.netty;

import static org.assertj.core.api.Assertions.assertThat;

import io.nereid.backend.scheduler.Turns;
import io.netty.channel.EventLoop;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class LoopTurnsTest {
    private final EventLoops loops = EventLoops.open(1);
    private final EventLoop loop = loops.transport().eventLoops().next();
    private final Turns turns = new LoopTurns();
    private final List<String> done = new ArrayList<>();

    @AfterEach
    void stop() {
        loops.close();
    }

    @Test
    void putsWorkOffUntilTheLoopHasReadEveryConnection() throws Exception {
        loop.submit(
                        () -> {
                            turns.atEnd(_ -> done.add("first"));
                            turns.atEnd(_ -> done.add("second"));
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
                            turns.atEnd(_ -> done.add("first"));
                            LoopTurns.endNow();
                            done.add("long");
                            turns.atEnd(_ -> done.add("second"));
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
                            turns.atEnd(_ -> {
                                throw new IllegalStateException("broken");
                            });
                            turns.atEnd(_ -> done.add("second"));
                        })
                .sync();
        loop.submit(() -> turns.atEnd(_ -> done.add("third"))).sync();
        loop.submit(() -> {}).sync();

        assertThat(done).containsExactly("second", "third");
    }

    @Test
    void lendsItsThreadForALittleWhenItHasReadEveryConnection() throws Exception {
        List<Long> spare = new ArrayList<>();
        loop.submit(
                        () -> {
                            turns.atEnd(spare::add);
                            LoopTurns.endNow();
                            turns.atEnd(nanos -> {
                                spare.add(nanos);
                                long end = System.nanoTime() + nanos;
                                while (System.nanoTime() < end) {
                                    Thread.onSpinWait();
                                }
                                turns.atEnd(spare::add);
                            });
                        })
                .sync();
        loop.submit(() -> {}).sync();

        assertThat(spare).hasSize(3);
        assertThat(spare.get(0)).isZero();
        assertThat(spare.get(1)).isPositive();
        assertThat(spare.get(2)).isZero();
    }

    @Test
    void doesItAtOnceOnAnyOtherThread() {
        turns.atEnd(_ -> done.add("at once"));
        LoopTurns.endNow();

        assertThat(done).containsExactly("at once");
    }
}
