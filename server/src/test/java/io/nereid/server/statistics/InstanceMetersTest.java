package io.nereid.server.statistics;

import static org.assertj.core.api.Assertions.assertThat;

import io.nereid.backend.InstanceMeter;
import org.junit.jupiter.api.Test;

class InstanceMetersTest {
    private final InstanceMeters meters = new InstanceMeters();

    @Test
    void sumsWhatInstancesDo() {
        InstanceMeter first = meters.open(100);
        InstanceMeter second = meters.open(100);
        assertThat(meters.read(100)).isEqualTo(new InstanceUse(2, 0, 0));

        first.begins(3, 110);
        second.begins(1, 120);
        assertThat(meters.read(130)).isEqualTo(new InstanceUse(2, 4, 30));

        first.ends(140);
        assertThat(meters.read(150)).isEqualTo(new InstanceUse(2, 1, 60));
    }

    @Test
    void countsAnExecutionThatBeginsWithItsInstance() {
        meters.open(-5).begins(1, -5);

        assertThat(meters.read(2)).isEqualTo(new InstanceUse(1, 1, 7));
    }

    @Test
    void keepsTheTimeOfInstancesThatAreGone() {
        InstanceMeter gone = meters.open(0);
        gone.begins(1, 10);
        gone.ends(30);
        gone.close();
        assertThat(meters.read(40)).isEqualTo(new InstanceUse(0, 0, 20));

        meters.open(50).begins(1, 60);
        assertThat(meters.read(65)).isEqualTo(new InstanceUse(1, 1, 25));
    }
}
