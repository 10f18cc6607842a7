package io.nereid.server.memory;

import static org.assertj.core.api.Assertions.assertThat;

import io.nereid.protocol.SlabAllocator;
import io.nereid.protocol.TensorBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

final class IdleMemoryTest {
    private static final int MIB = 1 << 20;

    private final AtomicLong unused = new AtomicLong();
    private final AtomicInteger trims = new AtomicInteger();
    private final IdleMemory memory =
            new IdleMemory(() -> unused.getAndSet(0), trims::incrementAndGet);

    @Test
    void asksTheSystemToTakeBackWhatWasFreed() {
        unused.set(16 * MIB);
        memory.look();
        assertThat(trims).hasValue(1);

        memory.look();
        assertThat(trims).as("nothing more was freed").hasValue(1);
    }

    @Test
    void asksForLittleOnlyWhenItHasAddedUp() {
        unused.set(MIB / 2);
        memory.look();
        assertThat(trims).hasValue(0);

        unused.set(MIB / 2);
        memory.look();
        assertThat(trims).hasValue(1);
    }

    @Test
    void shrinksTheProcessAfterARushOfLargeTensors() {
        try (SlabAllocator allocator = new SlabAllocator(1L << 30, false)) {
            IdleMemory idle = new IdleMemory(allocator::releaseUnused);
            List<TensorBuffer> rush = new ArrayList<>();
            for (int i = 0; i < 16; i++) {
                TensorBuffer tensor = allocator.allocate(16 * MIB);
                tensor.segment().fill((byte) 1);
                rush.add(tensor);
            }
            rush.forEach(TensorBuffer::close);
            long during = NativeMemory.resident();

            idle.look();
            assertThat(NativeMemory.resident()).isGreaterThan(during - 16 * MIB);
            idle.look();

            assertThat(NativeMemory.resident()).isLessThan(during - 200L * MIB);
        }
    }
}
