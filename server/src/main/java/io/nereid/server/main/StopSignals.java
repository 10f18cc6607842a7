package io.nereid.server.main;

import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.IntConsumer;

/**
 * SIGINT and SIGTERM: the first one stops the server, later ones are ignored (cli section 8).
 *
 * <p>A shutdown hook would not do: it cannot tell the signal, and the process would not exit with
 * 0.
 */
final class StopSignals {
    private StopSignals() {}

    /** Runs {@code stop} once, with the number of the first signal. */
    static void install(IntConsumer stop) {
        AtomicBoolean stopping = new AtomicBoolean();
        for (String name : List.of("INT", "TERM")) {
            sun.misc.Signal.handle(
                    new sun.misc.Signal(name),
                    signal -> {
                        if (stopping.compareAndSet(false, true)) {
                            stop.accept(signal.getNumber());
                        }
                    });
        }
    }
}
