package io.nereid.benchmarks;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The command line.
 *
 * @param root of the checkout
 * @param rounds how often everything takes its turn
 * @param seconds how long each turn is
 * @param warmUp seconds of each turn before the rounds
 * @param settle seconds to wait before memory is looked at after large requests
 * @param rows beginnings of the names of rows; empty for all
 * @param output file with the results; empty for standard output only
 */
record Options(
        Path root,
        int rounds,
        int seconds,
        int warmUp,
        int settle,
        List<String> rows,
        Optional<Path> output) {
    static final String USAGE =
            """
            usage: benchmarks/run [--rounds N] [--seconds N] [--warm-up N] [--settle N]
                                  [--rows NAME,...] [--output FILE] [--install]

              --rounds N      turns of everything that is measured (7)
              --seconds N     length of a turn (3)
              --warm-up N     length of a turn before the rounds, of what runs on a JVM (30)
              --settle N      seconds before memory is looked at after large requests (60)
              --rows NAME,... only rows whose names begin so, 'footprint' among them; prints and
                              leaves docs/performance.md alone
              --output FILE   the page whose results are replaced (docs/performance.md)
              --install       installs the Debian packages that are missing

            names of rows:
            """;
    static final String FOOTPRINT = "footprint";

    /**
     * @throws IllegalArgumentException if something is wrong, with what is
     */
    static Options parse(Path root, List<String> arguments) {
        if (arguments.size() % 2 != 0) {
            throw new IllegalArgumentException("an option lacks its value");
        }
        Map<String, String> given = new HashMap<>();
        for (int i = 0; i < arguments.size(); i += 2) {
            given.put(arguments.get(i), arguments.get(i + 1));
        }
        int rounds = number(given.remove("--rounds"), 7);
        int seconds = number(given.remove("--seconds"), 3);
        int warmUp = number(given.remove("--warm-up"), 30);
        int settle = number(given.remove("--settle"), 60);
        List<String> rows = known(given.remove("--rows"));
        Optional<Path> output =
                Optional.ofNullable(given.remove("--output"))
                        .map(Path::of)
                        .or(() ->
                                Optional.of(root.resolve("docs/performance.md"))
                                        .filter(_ -> rows.isEmpty()));
        if (!given.isEmpty()) {
            throw new IllegalArgumentException("unknown: " + given.keySet());
        }
        return new Options(root, rounds, seconds, warmUp, settle, rows, output);
    }

    boolean includes(String name) {
        return rows.isEmpty() || rows.stream().anyMatch(name::startsWith);
    }

    private static int number(@Nullable String text, int otherwise) {
        int number = text == null ? otherwise : Integer.parseInt(text);
        if (number < 1) {
            throw new IllegalArgumentException(text + " is less than 1");
        }
        return number;
    }

    private static List<String> known(@Nullable String names) {
        List<String> rows = names == null ? List.of() : Arrays.asList(names.split(",", -1));
        for (String name : rows) {
            if (!FOOTPRINT.startsWith(name)
                    && Rows.ALL.stream().noneMatch(row -> row.name().startsWith(name))) {
                throw new IllegalArgumentException("no row is called " + name);
            }
        }
        return rows;
    }
}
