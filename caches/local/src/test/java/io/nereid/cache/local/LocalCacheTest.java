package io.nereid.cache.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.nereid.backend.cache.CacheFigures;
import io.nereid.backend.cache.RecordingFinding;
import io.nereid.backend.cache.ResponseCache;
import io.nereid.backend.cache.ResponseCacheContractTest;
import io.nereid.backend.cache.ResponseKey;
import io.nereid.protocol.CopyMeter;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.Tensor;
import io.nereid.protocol.TensorAllocator;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** The contract of every cache, and what is this one's own: the bound, the time, the figures. */
class LocalCacheTest extends ResponseCacheContractTest {
    /** What an answer of one output takes besides its bytes. */
    private static final long OVERHEAD = 128;

    private final AtomicLong nanoTime = new AtomicLong(5);

    @Override
    protected ResponseCache open(TensorAllocator memory) {
        return new LocalCache(1 << 20, Optional.empty(), memory, System::nanoTime);
    }

    private LocalCache open(long capacity, Optional<Duration> timeToLive) {
        return new LocalCache(capacity, timeToLive, allocator, nanoTime::get);
    }

    private static boolean has(ResponseCache cache, ResponseKey key) {
        try (RecordingFinding finding = RecordingFinding.of(cache, key)) {
            return finding.outputs().isPresent();
        }
    }

    private static CacheFigures figures(LocalCache cache) {
        return cache.figures().orElseThrow();
    }

    @Test
    void saysThatAnAnswerIsThereAlready() {
        try (LocalCache cache = open(1024, Optional.empty())) {
            assertThat(insert(cache, key(1), 1)).isTrue();
            assertThat(insert(cache, key(1), 2)).isFalse();
            assertThat(figures(cache).entries()).isEqualTo(1);
        }
    }

    @Test
    void refusesAnAnswerThatIsLargerThanAllItsRoom() {
        float[] exact = new float[(int) (1024 - OVERHEAD) / Float.BYTES];
        try (LocalCache cache = open(1024, Optional.empty())) {
            assertThat(insert(cache, key(1), exact)).isTrue();
            assertThatThrownBy(() -> insert(cache, key(2), new float[exact.length + 1]))
                    .isInstanceOf(StatusException.class)
                    .hasMessage("Requested byte_size: 1028 is greater than total cache size: 1024");
            assertThat(has(cache, key(1))).isTrue();
        }
    }

    @Test
    void makesRoomForNewAnswers() {
        try (LocalCache cache = open(10 * (OVERHEAD + 4), Optional.empty())) {
            for (int i = 0; i < 100; i++) {
                insert(cache, key(i), i);
                assertThat(figures(cache).utilization()).isLessThanOrEqualTo(1);
            }

            assertThat(figures(cache).entries()).isEqualTo(10);
            assertThat(figures(cache).evictions()).isEqualTo(90);
            assertThat(allocator.openBlocks()).isEqualTo(10);
        }
        assertThat(allocator.openBlocks()).isZero();
    }

    @Test
    void keepsWhatIsAskedForAgainAndAgain() {
        try (LocalCache cache = open(10 * (OVERHEAD + 4), Optional.empty())) {
            insert(cache, key(0), 0);
            for (int i = 1; i < 100; i++) {
                assertThat(has(cache, key(0))).isTrue();
                insert(cache, key(i), i);
            }
        }
    }

    @Test
    void keepsTheMemoryOfOutputsThatWereHandedOut() {
        try (LocalCache cache = open(2 * (OVERHEAD + 4), Optional.empty())) {
            insert(cache, key(0), 42);
            try (RecordingFinding finding = RecordingFinding.of(cache, key(0))) {
                for (int i = 1; i < 50; i++) {
                    insert(cache, key(i), i);
                }
                Tensor output = finding.outputs().orElseThrow().getFirst();
                assertThat(numbers(output)).containsExactly(42);
            }
        }
    }

    @Test
    void forgetsWhatIsTooOld() {
        try (LocalCache cache = open(1024, Optional.of(Duration.ofSeconds(2)))) {
            insert(cache, key(1), 1);
            nanoTime.addAndGet(Duration.ofSeconds(2).toNanos() - 2);
            assertThat(has(cache, key(1))).isTrue();
            nanoTime.addAndGet(2);
            assertThat(has(cache, key(1))).isFalse();

            assertThat(insert(cache, key(1), 2)).isTrue();
            assertThat(has(cache, key(1))).isTrue();
        }
    }

    @Test
    void tellsWhatItHasDone() {
        try (LocalCache cache = open(1 << 20, Optional.empty())) {
            insert(cache, key(1), 1, 2);
            boolean first = has(cache, key(1));
            boolean second = has(cache, key(1));
            boolean third = has(cache, key(2));

            assertThat(List.of(first, second, third)).containsExactly(true, true, false);
            CacheFigures figures = figures(cache);
            assertThat(figures.entries()).isEqualTo(1);
            assertThat(figures.lookUps()).isEqualTo(3);
            assertThat(figures.hits()).isEqualTo(2);
            assertThat(figures.misses()).isEqualTo(1);
            assertThat(figures.evictions()).isZero();
            assertThat(figures.utilization())
                    .isCloseTo((OVERHEAD + 8) / (double) (1 << 20), within(1e-12));
        }
    }

    @Test
    void copiesOnceAndHandsOutWithoutACopy() {
        try (LocalCache cache = open(1024, Optional.empty())) {
            insert(cache, key(1), 1, 2);
            assertThat(has(cache, key(1))).isTrue();

            assertThat(allocator.copies().copies(CopyMeter.Site.CACHE)).isEqualTo(1);
            assertThat(allocator.copies().bytes(CopyMeter.Site.CACHE)).isEqualTo(8);
        }
    }

    @Test
    void neverFreesWhatManyReadersHoldWhileItEvicts() throws Exception {
        int threads = 4;
        try (LocalCache cache = open(8 * (OVERHEAD + 400), Optional.empty());
                ExecutorService executor = Executors.newFixedThreadPool(threads)) {
            List<Future<?>> ends = new ArrayList<>();
            for (int t = 0; t < threads; t++) {
                int seed = t;
                ends.add(executor.submit(() -> readAndReplace(cache, seed)));
            }
            for (Future<?> end : ends) {
                assertThat(end.get()).isNull();
            }
            assertThat(figures(cache).evictions()).isPositive();
            assertThat(allocator.openBlocks()).isEqualTo(figures(cache).entries());
        }
    }

    /** Each answer repeats the number of its key, so memory that was given away shows. */
    private void readAndReplace(LocalCache cache, int seed) {
        float[] values = new float[100];
        for (int i = 0; i < 5000; i++) {
            int number = (i * 7 + seed * 3) % 20;
            try (RecordingFinding finding = RecordingFinding.of(cache, key(number))) {
                if (finding.outputs().isPresent()) {
                    for (float value : numbers(finding.outputs().get().getFirst())) {
                        assertThat(value).isEqualTo(number);
                    }
                    continue;
                }
            }
            Arrays.fill(values, number);
            insert(cache, key(number), values);
        }
    }
}
