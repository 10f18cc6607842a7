package io.nereid.server.measures;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class ThreadCellsTest {
    @Test
    void addsUpWhatAllThreadsHaveCounted() throws Exception {
        ThreadCells cells = new ThreadCells(2);
        List<Thread> threads = new ArrayList<>();
        for (int t = 0; t < 4; t++) {
            threads.add(
                    Thread.ofPlatform()
                            .start(() -> {
                                for (int i = 0; i < 10_000; i++) {
                                    ThreadCells.add(cells.own(), 0, 1);
                                    ThreadCells.add(cells.own(), 1, i);
                                }
                            }));
        }
        long[] before = {0, 0};
        while (threads.stream().anyMatch(Thread::isAlive)) {
            long[] now = cells.read();
            assertThat(now[0]).isGreaterThanOrEqualTo(before[0]);
            assertThat(now[1]).isGreaterThanOrEqualTo(before[1]);
            before = now;
        }

        assertThat(cells.read()).containsExactly(40_000, 4 * 9_999 * 5_000L);
    }

    @Test
    void keepsWhatThreadsHaveCountedThatHaveEnded() throws Exception {
        ThreadCells cells = new ThreadCells(1);
        for (int t = 1; t <= 3; t++) {
            Thread thread = Thread.ofPlatform().start(() -> ThreadCells.add(cells.own(), 0, 7));
            thread.join();
            assertThat(cells.read()).containsExactly(7L * t);
            assertThat(cells.read()).containsExactly(7L * t);
        }
    }
}
