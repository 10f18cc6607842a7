package io.nereid.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

class SlabAllocatorTest {
    private static final long MIB = 1 << 20;

    @Test
    void picksTheSmallestClassThatFits() {
        Random random = new Random(5);
        for (int i = 0; i < 100_000; i++) {
            assertFits(random.nextLong() >>> (2 + random.nextInt(62)));
        }
        for (int shift = 0; shift < 61; shift++) {
            for (long off = -2; off <= 2; off++) {
                assertFits(Math.max(0, (1L << shift) + off));
                assertFits(Math.max(0, (1L << shift) * 5 / 4 + off));
            }
        }
    }

    private static void assertFits(long byteSize) {
        int index = SlabAllocator.classOfSize(byteSize);
        assertThat(SlabAllocator.sizeOfClass(index)).isGreaterThanOrEqualTo(byteSize);
        if (index > 0) {
            assertThat(SlabAllocator.sizeOfClass(index - 1)).isLessThan(byteSize);
        }
    }

    @Test
    void wastesAQuarterAtMost() {
        for (long size = 257; size < 10 * MIB; size += 997) {
            long block = SlabAllocator.sizeOfClass(SlabAllocator.classOfSize(size));
            assertThat(block).isLessThanOrEqualTo(size * 5 / 4 + 1);
        }
    }

    @Test
    void givesAlignedBlocksOfTheSizeAskedFor() {
        try (SlabAllocator allocator = new SlabAllocator(MIB, false)) {
            for (long size : new long[] {0, 1, 63, 64, 256, 257, 1000, 100_000}) {
                try (TensorBuffer block = allocator.allocate(size)) {
                    assertThat(block.byteSize()).isEqualTo(size);
                    assertThat(block.segment().byteSize()).isEqualTo(size);
                    assertThat(block.segment().address() % TensorAllocator.ALIGNMENT).isZero();
                }
            }
        }
    }

    @Test
    void recyclesBlocksOfTheSameClass() {
        try (SlabAllocator allocator = new SlabAllocator(MIB, false)) {
            long first = addressOfClosedBlock(allocator, 1000);
            assertThat(addressOfClosedBlock(allocator, 900)).isEqualTo(first);
            try (TensorBuffer one = allocator.allocate(1000);
                    TensorBuffer two = allocator.allocate(1000)) {
                assertThat(one.segment().address()).isNotEqualTo(two.segment().address());
            }
        }
    }

    @Test
    void recyclesBlocksThatAnotherThreadGaveBack() throws Exception {
        try (SlabAllocator allocator = new SlabAllocator(MIB, false)) {
            TensorBuffer block = allocator.allocate(1000);
            long address = block.segment().address();
            Thread other = Thread.ofPlatform().start(block::close);
            other.join();

            assertThat(addressOfClosedBlock(allocator, 1000)).isEqualTo(address);
        }
    }

    @Test
    void keepsNoMoreIdleBytesThanAllowed() {
        try (SlabAllocator allocator = new SlabAllocator(2048, false)) {
            List<TensorBuffer> blocks = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                blocks.add(allocator.allocate(1024));
            }
            assertThat(allocator.idleBytes()).isZero();
            blocks.forEach(TensorBuffer::close);
            assertThat(allocator.idleBytes()).isEqualTo(2048);
        }
    }

    @Test
    void keepsNoMoreIdleBlocksOfAClassThanAllowed() {
        try (SlabAllocator allocator = new SlabAllocator(100 * MIB, false)) {
            List<TensorBuffer> blocks = new ArrayList<>();
            for (int i = 0; i < 100; i++) {
                blocks.add(allocator.allocate(64 << 10));
            }
            blocks.forEach(TensorBuffer::close);
            assertThat(allocator.idleBytes()).isEqualTo(64 * (64 << 10));
        }
    }

    @Test
    void keepsManyIdleBlocksThatAreSmall() {
        try (SlabAllocator allocator = new SlabAllocator(100 * MIB, false)) {
            List<TensorBuffer> blocks = new ArrayList<>();
            for (int i = 0; i < 5000; i++) {
                blocks.add(allocator.allocate(1024));
            }
            blocks.forEach(TensorBuffer::close);
            assertThat(allocator.idleBytes()).isEqualTo(4 * MIB);
        }
    }

    @Test
    void releasesLargeBlocksThatNobodyNeededForAWholePeriod() {
        try (SlabAllocator allocator = new SlabAllocator(64 * MIB, false)) {
            useAtOnce(allocator, 4, 2 * MIB);
            assertThat(allocator.releaseUnused()).as("just used").isZero();

            useAtOnce(allocator, 1, 2 * MIB);
            assertThat(allocator.releaseUnused()).isEqualTo(3 * 2 * MIB);
            assertThat(allocator.idleBytes()).isEqualTo(2 * MIB);

            assertThat(allocator.releaseUnused()).isEqualTo(2 * MIB);
            assertThat(allocator.idleBytes()).isZero();
            assertThat(allocator.releaseUnused()).isZero();
        }
    }

    @Test
    void keepsSmallBlocksHoweverLongTheyLieIdle() {
        try (SlabAllocator allocator = new SlabAllocator(64 * MIB, false)) {
            useAtOnce(allocator, 4, 1024);

            allocator.releaseUnused();

            assertThat(allocator.releaseUnused()).isZero();
            assertThat(allocator.idleBytes()).isEqualTo(4 * 1024);
        }
    }

    private static void useAtOnce(SlabAllocator allocator, int blocks, long byteSize) {
        List<TensorBuffer> open = new ArrayList<>();
        for (int i = 0; i < blocks; i++) {
            open.add(allocator.allocate(byteSize));
        }
        open.forEach(TensorBuffer::close);
    }

    @Test
    void countsOpenBlocks() {
        try (SlabAllocator allocator = new SlabAllocator(0, false)) {
            TensorBuffer block = allocator.allocate(1000);
            TensorBuffer slice = block.slice(10, 20);
            assertThat(allocator.openBlocks()).isEqualTo(1);
            assertThat(allocator.openBytes()).isEqualTo(1024);
            block.close();
            assertThat(allocator.openBlocks()).isEqualTo(1);
            slice.close();
            assertThat(allocator.openBlocks()).isZero();
            assertThat(allocator.openBytes()).isZero();
        }
    }

    @Test
    void tellsWhichBlocksWereNotClosed() {
        SlabAllocator allocator = new SlabAllocator(0, true);
        allocator.allocate(5).close();
        TensorBuffer forgotten = allocator.allocate(7);

        assertThatThrownBy(allocator::close)
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("1 tensor blocks were not closed")
                .satisfies(leak ->
                        assertThat(leak.getSuppressed())
                                .extracting(Throwable::getMessage)
                                .containsExactly("7 bytes allocated here"));

        forgotten.segment().set(ValueLayout.JAVA_BYTE, 0, (byte) 1);
        forgotten.close();
        allocator.close();
    }

    @Test
    void freesBlocksThatComeBackAfterItWasClosed() {
        SlabAllocator allocator = new SlabAllocator(MIB, false);
        TensorBuffer late = allocator.allocate(1000);
        assertThatThrownBy(allocator::close).isInstanceOf(IllegalStateException.class);

        late.close();

        assertThat(allocator.idleBytes()).isZero();
        allocator.close();
    }

    @Test
    void refusesSizesThatCannotBeHad() {
        try (SlabAllocator allocator = new SlabAllocator(0, false)) {
            for (long size : new long[] {1L << 60, Long.MAX_VALUE}) {
                assertThatThrownBy(() -> allocator.allocate(size).close())
                        .isInstanceOfSatisfying(
                                StatusException.class,
                                e -> assertThat(e.code()).isEqualTo(StatusCode.UNAVAILABLE))
                        .hasMessageContaining("not enough native memory");
            }
            assertThat(allocator.openBlocks()).isZero();
        }
    }

    @Test
    void refusesNegativeSizes() {
        try (SlabAllocator allocator = new SlabAllocator(0, false)) {
            assertThatThrownBy(() -> allocator.allocate(-1).close())
                    .isInstanceOf(IllegalStateException.class);
            assertThat(allocator.openBlocks()).isZero();
        }
    }

    @Test
    void mayBeUsedFromManyThreads() throws Exception {
        try (SlabAllocator allocator = new SlabAllocator(MIB, false);
                ExecutorService threads = Executors.newFixedThreadPool(4)) {
            List<Future<?>> runs = new ArrayList<>();
            for (int t = 0; t < 4; t++) {
                int seed = t;
                runs.add(threads.submit(() -> useBlocks(allocator, new Random(seed))));
            }
            for (int i = 0; i < 100; i++) {
                allocator.releaseUnused();
            }
            for (Future<?> run : runs) {
                run.get();
            }
            assertThat(allocator.openBlocks()).isZero();
            assertThat(allocator.openBytes()).isZero();
            assertThat(allocator.idleBytes()).isBetween(0L, MIB);
        }
    }

    private static void useBlocks(SlabAllocator allocator, Random random) {
        for (int i = 0; i < 5000; i++) {
            long size = 8L + random.nextInt(i % 10 == 0 ? 200_000 : 5000);
            try (TensorBuffer block = allocator.allocate(size)) {
                long mark = random.nextLong();
                block.segment().set(ValueLayout.JAVA_LONG_UNALIGNED, size - 8, mark);
                block.segment().set(ValueLayout.JAVA_LONG, 0, mark);
                assertThat(block.segment().get(ValueLayout.JAVA_LONG, 0)).isEqualTo(mark);
            }
        }
    }

    private static long addressOfClosedBlock(SlabAllocator allocator, long byteSize) {
        try (TensorBuffer block = allocator.allocate(byteSize)) {
            return block.segment().address();
        }
    }
}
