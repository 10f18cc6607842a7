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
 * @param limitThere those of the limit program on the machine of the reference server, for which
 *     the target was set
 */
record Row(
        String title,
        Requests request,
        int clients,
        List<Kind> beside,
        OptionalDouble reference,
        OptionalDouble limitThere,
        Optional<Target> target) {
    /** What the option {@code --rows} calls it. */
    String name() {
        return request + ":" + clients;
    }

    /** What is to be reached as a multiple of the limit, if that is known. */
    OptionalDouble mustTimesLimit() {
        return target.isPresent() && limitThere.isPresent()
                ? OptionalDouble.of(target.get().must() / limitThere.getAsDouble())
                : OptionalDouble.empty();
    }

    Optional<Kind> limit() {
        return beside.stream().findFirst();
    }
}
