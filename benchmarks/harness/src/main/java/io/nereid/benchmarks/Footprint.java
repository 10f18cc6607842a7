package io.nereid.benchmarks;

import io.nereid.benchmarks.load.NereidProcess;
import io.nereid.benchmarks.models.Requests;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Start and memory, each of servers of their own.
 *
 * @param secondsToReady with one tiny ONNX model
 * @param idle resident bytes of the same a second later
 * @param after resident bytes some time after 16 clients have sent 16 MiB at once
 */
record Footprint(Spread secondsToReady, Spread idle, Spread after) {
    private static final int MOST_STARTS = 5;
    private static final int MOST_WAITS = 3;
    private static final int CLIENTS = 16;

    static Footprint measure(Workplace place, Options options) throws IOException {
        List<Double> seconds = new ArrayList<>();
        List<Double> idle = new ArrayList<>();
        for (int i = 0; i < Math.min(MOST_STARTS, options.rounds()); i++) {
            try (NereidProcess server = place.nereid(place.tinyRepository())) {
                rest(1);
                seconds.add(server.secondsToReady());
                idle.add((double) server.process().resident());
            }
            System.err.printf("ready after %.2f s%n", seconds.getLast());
        }
        List<Double> after = new ArrayList<>();
        for (int i = 0; i < Math.min(MOST_WAITS, options.rounds()); i++) {
            try (NereidProcess server = place.nereid(place.repository())) {
                place.load()
                        .http(
                                server.httpPort(),
                                NereidSubject.path(Requests.IDENTITY_16M_BINARY),
                                Requests.IDENTITY_16M_BINARY,
                                CLIENTS,
                                options.seconds())
                        .checked("large requests");
                rest(options.settle());
                after.add((double) server.process().resident());
            }
            System.err.println("resident afterwards: " + Report.megabytes(after.getLast()));
        }
        return new Footprint(Spread.of(seconds), Spread.of(idle), Spread.of(after));
    }

    private static void rest(int seconds) {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
        while (System.nanoTime() - end < 0) {
            LockSupport.parkNanos(end - System.nanoTime());
        }
    }
}
