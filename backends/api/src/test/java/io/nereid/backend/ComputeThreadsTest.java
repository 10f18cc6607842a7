package io.nereid.backend;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ComputeThreadsTest {
    @Test
    void wantsACoreForEachThreadOfEachInstance() {
        assertThat(ComputeThreads.OWN.wanted(3)).isEqualTo(3);
        assertThat(new ComputeThreads(4, false, "").wanted(3)).isEqualTo(12);
    }

    @Test
    void countsAPoolThatInstancesShareOnce() {
        ComputeThreads pool = new ComputeThreads(4, true, "");

        assertThat(pool.wanted(3)).isEqualTo(4);
        assertThat(pool.wanted(5)).isEqualTo(5);
    }

    @Test
    void hasAtLeastOneCore() {
        assertThat(Cores.available()).isPositive();
    }
}
