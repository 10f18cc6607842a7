package io.nereid.server.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HostUsageTest {
    @TempDir private Path proc;

    @BeforeEach
    void memory() throws IOException {
        Files.writeString(
                proc.resolve("meminfo"),
                """
                MemTotal:       1000 kB
                MemFree:         100 kB
                MemAvailable:    600 kB
                """);
    }

    /** User, nice, system, idle, iowait, irq, softirq, steal, guest. */
    private void ticks(String numbers) throws IOException {
        Files.writeString(proc.resolve("stat"), "cpu  " + numbers + "\ncpu0 1 2 3 4 5 6 7 8 9\n");
    }

    @Test
    void tellsHowBusyTheProcessorsWereBetweenTwoLooks() throws IOException {
        HostUsage usage = new HostUsage(proc);
        ticks("100 0 0 900 0 0 0 0 50");
        usage.look();
        assertThat(usage.reading().utilization()).isZero();

        ticks("110 5 5 970 5 2 2 1 60");
        usage.look();
        assertThat(usage.reading().utilization()).isEqualTo(0.25);
    }

    @Test
    void tellsTheMemoryThatIsUsed() throws IOException {
        HostUsage usage = new HostUsage(proc);
        ticks("1 2 3 4 5 6 7 8 9");
        usage.look();

        assertThat(usage.reading().totalBytes()).isEqualTo(1_024_000);
        assertThat(usage.reading().usedBytes()).isEqualTo(409_600);
    }

    @Test
    void tellsNothingWhereItUnderstandsNothing() throws IOException {
        HostUsage usage = new HostUsage(proc);
        ticks("1 2");
        usage.look();

        assertThat(usage.reading()).isEqualTo(HostUsage.Reading.NONE);
    }
}
