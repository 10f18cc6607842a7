package io.nereid.server.statistics;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.nereid.backend.InstanceMeter;
import io.nereid.protocol.Owned;
import java.util.ArrayList;
import java.util.List;

/**
 * The meters of a version's instances. Any thread; executions take no lock, only instances that
 * come and go and those who read.
 */
final class InstanceMeters {
    private final Object lock = new Object();

    @GuardedBy("lock")
    private final List<BusyMeter> open = new ArrayList<>();

    /** Of instances that are gone. */
    @GuardedBy("lock")
    private long goneNanos;

    /** A meter for an instance that begins to take requests. */
    @Owned
    InstanceMeter open(long nowNanos) {
        BusyMeter[] meter = new BusyMeter[1];
        meter[0] = new BusyMeter(nowNanos, () -> gone(meter[0]));
        synchronized (lock) {
            open.add(meter[0]);
        }
        return meter[0];
    }

    private void gone(BusyMeter meter) {
        synchronized (lock) {
            open.remove(meter);
            goneNanos += meter.nanos(0);
        }
    }

    /** What they do now. */
    InstanceUse read(long nowNanos) {
        synchronized (lock) {
            int executing = 0;
            long nanos = goneNanos;
            for (BusyMeter meter : open) {
                executing += meter.requests();
                nanos += meter.nanos(nowNanos);
            }
            return new InstanceUse(open.size(), executing, nanos);
        }
    }
}
