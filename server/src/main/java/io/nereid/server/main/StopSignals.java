package io.nereid.server.main;

import java.util.List;
import java.util.function.IntConsumer;

/**
 * SIGINT and SIGTERM, which stop the server (cli section 8).
 *
 * <p>A shutdown hook would not do: it cannot tell the signal, and the process would not exit with
 * 0.
 */
final class StopSignals {
    private StopSignals() {}

    /** Runs {@code stop} for each signal, with its number, on a thread of its own. */
    static void install(IntConsumer stop) {
        for (String name : List.of("INT", "TERM")) {
            sun.misc.Signal.handle(
                    new sun.misc.Signal(name), signal -> stop.accept(signal.getNumber()));
        }
    }
}
