package io.nereid.server.memory;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class LoadMeterTest {
    private final AtomicLong memory = new AtomicLong(1000);
    private final LoadMeter meter = new LoadMeter(memory::get);

    @Test
    void aLoadTakesWhatIsTakenWhileItRuns() {
        memory.addAndGet(500);
        try (LoadMeter.Load load = meter.begin(10)) {
            memory.addAndGet(300);

            assertThat(load.bytes()).isEqualTo(300);
        }
    }

    @Test
    void loadsAtTheSameTimeShareByTheirWeights() {
        try (LoadMeter.Load large = meter.begin(300)) {
            memory.addAndGet(50);
            try (LoadMeter.Load small = meter.begin(100)) {
                memory.addAndGet(400);

                assertThat(small.bytes()).isEqualTo(100);
                assertThat(large.bytes()).isEqualTo(350);
            }
            memory.addAndGet(7);

            assertThat(large.bytes()).isEqualTo(357);
        }
    }

    @Test
    void nothingIsNegative() {
        try (LoadMeter.Load load = meter.begin(0)) {
            memory.addAndGet(-300);

            assertThat(load.bytes()).isZero();
        }
    }

    @Test
    void theCLibraryCountsWhatIsAllocated() {
        assertThat(NativeMemory.inUse()).isPositive();
        assertThat(NativeMemory.resident()).isPositive();
        NativeMemory.trim();
    }
}
