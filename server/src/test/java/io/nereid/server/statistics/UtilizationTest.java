package io.nereid.server.statistics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class UtilizationTest {
    private final Utilization utilization = new Utilization();
    private double busySeconds;
    private double now;

    /** Lets time pass in which instances are busy, looking once a second. */
    private void pass(int seconds, int instances, double busyInstances) {
        for (int i = 0; i < seconds; i++) {
            now++;
            busySeconds += busyInstances;
            look(instances);
        }
    }

    private void look(int instances) {
        utilization.look(nanos(now), new InstanceUse(instances, 0, nanos(busySeconds)));
    }

    private static long nanos(double seconds) {
        return (long) (seconds * TimeUnit.SECONDS.toNanos(1));
    }

    @Test
    void isZeroUntilTimeHasPassed() {
        look(2);

        assertThat(utilization.share()).isZero();
    }

    @Test
    void tellsTheBusyShareOfTheLastTenSeconds() {
        look(2);
        pass(5, 2, 1);
        assertThat(utilization.share()).isEqualTo(0.5);

        pass(5, 2, 2);
        assertThat(utilization.share()).isEqualTo(0.75);
        pass(5, 2, 2);
        assertThat(utilization.share()).isEqualTo(1);
        pass(10, 2, 0);
        assertThat(utilization.share()).isZero();
    }

    @Test
    void weighsInstancesByTheTimeThatTheyAreThere() {
        look(1);
        pass(2, 1, 1);
        pass(2, 3, 1);

        assertThat(utilization.share()).isEqualTo(0.5);
    }

    @Test
    void staysWithinOneWhenInstancesGo() {
        look(2);
        pass(1, 1, 2);

        assertThat(utilization.share()).isEqualTo(1);
    }

    @Test
    void isZeroWithoutInstances() {
        look(0);
        pass(3, 0, 0);

        assertThat(utilization.share()).isZero();
    }

    @Test
    void keepsFewLooksHoweverOftenItLooks() {
        look(1);
        for (int i = 0; i < 100_000; i++) {
            now += 0.001;
            busySeconds += 0.0005;
            look(1);
        }

        assertThat(utilization.share()).isEqualTo(0.5, within(0.001));
    }
}
