package io.nereid.benchmarks;

import io.nereid.benchmarks.models.Requests;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * One line of the benchmark.
 *
 * @param title what is done
 * @param clients requests at a time
 * @param beside what takes turns with Nereid; the first is the limit
 * @param reference CPU microseconds per request of the reference server
 */
record Row(
        String title,
        Requests request,
        int clients,
        List<Kind> beside,
        OptionalDouble reference,
        Optional<Target> target) {
    /** What the option {@code --rows} calls it. */
    String name() {
        return request + ":" + clients;
    }

    Optional<Kind> limit() {
        return beside.stream().findFirst();
    }
}
