package io.nereid.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class CountedBufferTest {
    private final AtomicInteger releases = new AtomicInteger();
    private final MemorySegment memory = Arena.ofAuto().allocate(16, 64);
    private final TensorBuffer buffer = TensorBuffer.wrap(memory, releases::incrementAndGet);

    @Test
    void releasesWithTheLastReference() {
        TensorBuffer second = buffer.retain();
        TensorBuffer slice = second.slice(4, 8);
        buffer.close();
        second.close();
        assertThat(releases).hasValue(0);
        assertThat(slice.segment().byteSize()).isEqualTo(8);
        slice.close();
        assertThat(releases).hasValue(1);
    }

    @Test
    void slicesShareTheBytes() {
        try (TensorBuffer slice = buffer.slice(4, 8)) {
            slice.segment().set(ValueLayout.JAVA_BYTE, 0, (byte) 42);
            assertThat(buffer.segment().get(ValueLayout.JAVA_BYTE, 4)).isEqualTo((byte) 42);
            try (TensorBuffer inner = slice.slice(0, 1)) {
                assertThat(inner.segment().get(ValueLayout.JAVA_BYTE, 0)).isEqualTo((byte) 42);
            }
            try (TensorBuffer nothing = slice.slice(8, 0)) {
                assertThat(nothing.byteSize()).isZero();
            }
        }
        buffer.close();
        assertThat(releases).hasValue(1);
    }

    @Test
    void refusesUseAfterTheLastReference() {
        buffer.close();
        assertThatThrownBy(buffer::segment).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(buffer::retain).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> buffer.slice(0, 1)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(buffer::close)
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("tensor buffer closed once too often");
        assertThat(releases).hasValue(1);
    }

    @Test
    void staysClosedHoweverOftenItIsClosed() {
        buffer.close();
        for (int i = 0; i < 3; i++) {
            assertThatThrownBy(buffer::close).isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(buffer::retain).isInstanceOf(IllegalStateException.class);
        }
        assertThat(releases).hasValue(1);
    }

    @Test
    void takesNoReferenceForASliceOutOfBounds() {
        assertThatThrownBy(() -> buffer.slice(10, 7)).isInstanceOf(IndexOutOfBoundsException.class);
        buffer.close();
        assertThat(releases).hasValue(1);
    }

    @Test
    void refusesMemoryOfTheHeap() {
        assertThatThrownBy(() -> TensorBuffer.wrap(MemorySegment.ofArray(new byte[4]), () -> {}))
                .isInstanceOf(IllegalStateException.class);
        buffer.close();
    }

    @Test
    void countsReferencesOfManyThreads() throws Exception {
        try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
            List<Future<?>> runs = new ArrayList<>();
            for (int t = 0; t < 4; t++) {
                TensorBuffer own = buffer.retain();
                runs.add(
                        threads.submit(() -> {
                            for (int i = 0; i < 10_000; i++) {
                                own.slice(i % 16, 0).close();
                                own.retain().close();
                            }
                            own.close();
                        }));
            }
            for (Future<?> run : runs) {
                run.get();
            }
        }
        assertThat(releases).hasValue(0);
        buffer.close();
        assertThat(releases).hasValue(1);
    }
}
