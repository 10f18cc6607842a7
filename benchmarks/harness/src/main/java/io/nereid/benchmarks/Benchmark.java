package io.nereid.benchmarks;

import io.nereid.benchmarks.models.Requests;
import java.io.IOException;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The program behind {@code benchmarks/run}. All that is measured runs at once and waits for its
 * turn; in each round every row is measured on each in turn, so that whatever else the machine does
 * meets all of them alike.
 */
public final class Benchmark {
    private final Options options;
    private final Workplace place;
    private final List<Row> rows;

    private Benchmark(Options options) {
        this.options = options;
        this.place = new Workplace(options.root());
        this.rows = Rows.ALL.stream().filter(row -> options.includes(row.name())).toList();
    }

    /**
     * Runs it.
     *
     * @param arguments root of the checkout, then the options
     */
    public static void main(String[] arguments) throws IOException {
        List<String> given = List.of(arguments).subList(1, arguments.length);
        if (given.contains("--help")) {
            System.out.println(usage());
            return;
        }
        Options options;
        try {
            options = Options.parse(Path.of(arguments[0]).toAbsolutePath().normalize(), given);
        } catch (IllegalArgumentException e) {
            System.err.println("benchmarks/run: " + e.getMessage() + "\n\n" + usage());
            System.exit(2);
            return;
        }
        new Benchmark(options).run();
    }

    private static String usage() {
        return Rows.ALL.stream()
                .map(Row::name)
                .collect(Collectors.joining(" ", Options.USAGE, " " + Options.FOOTPRINT));
    }

    private void run() throws IOException {
        place.prepare();
        Machine machine = Machine.read(options.root());
        Results results = rows.isEmpty() ? new Results() : measureRows();
        Optional<Footprint> footprint =
                options.includes(Options.FOOTPRINT)
                        ? Optional.of(Footprint.measure(place, options))
                        : Optional.empty();
        new Report(options, machine, results, footprint).write();
    }

    private Results measureRows() throws IOException {
        Results results = new Results();
        try (NereidSubject nereid =
                        new NereidSubject(place.nereid(place.repository()), place.load());
                Subjects others = startOthers(nereid)) {
            for (int round = 0; round <= options.rounds(); round++) {
                for (Row row : rows) {
                    Map<Kind, Cell> cells = new LinkedHashMap<>();
                    cells.put(Kind.NEREID, nereid.measure(row, seconds(round, Kind.NEREID)));
                    for (Kind kind : row.beside()) {
                        cells.put(kind, others.of(kind).measure(row, seconds(round, kind)));
                    }
                    if (round > 0) {
                        cells.forEach((kind, cell) -> results.add(row, kind, cell));
                    }
                    tell(round, row, cells);
                }
            }
        }
        return results;
    }

    private int seconds(int round, Kind kind) {
        return round == 0 && kind.warmsUp() ? options.warmUp() : options.seconds();
    }

    private Subjects startOthers(NereidSubject nereid) throws IOException {
        Map<Requests, Integer> sizes = new EnumMap<>(Requests.class);
        for (Row row : rows) {
            if (row.beside().contains(Kind.RESPONDER)) {
                sizes.put(row.request(), nereid.answerSize(row.request()));
            }
        }
        Subjects others = new Subjects();
        boolean started = false;
        try {
            for (Kind kind : Kind.values()) {
                List<Requests> asked =
                        rows.stream()
                                .filter(row -> row.beside().contains(kind))
                                .map(Row::request)
                                .distinct()
                                .toList();
                if (!asked.isEmpty()) {
                    others.add(kind, start(kind, asked, sizes));
                }
            }
            started = true;
            return others;
        } finally {
            if (!started) {
                others.close();
            }
        }
    }

    private Subject start(Kind kind, List<Requests> asked, Map<Requests, Integer> sizes)
            throws IOException {
        return switch (kind) {
            case RESPONDER -> place.responder(sizes);
            case RAPIDJSON -> place.rapidJson();
            case ENGINE -> place.engine();
            case DJL -> place.peer(asked);
            case NEREID -> throw new IllegalStateException("Nereid is not beside itself");
        };
    }

    private static void tell(int round, Row row, Map<Kind, Cell> cells) {
        String figures =
                cells.entrySet().stream()
                        .map(entry ->
                                "%s %s %.0f/s"
                                        .formatted(
                                                entry.getKey().title(),
                                                Report.micros(entry.getValue().cpu()),
                                                entry.getValue().perSecond()))
                        .collect(Collectors.joining(", "));
        System.err.println(
                (round == 0 ? "warm-up" : "round " + round) + " " + row.name() + ": " + figures);
    }

    /** What takes turns with Nereid. */
    private static final class Subjects implements AutoCloseable {
        private final Map<Kind, Subject> running = new EnumMap<>(Kind.class);

        void add(Kind kind, Subject subject) {
            running.put(kind, subject);
        }

        Subject of(Kind kind) {
            return Optional.ofNullable(running.get(kind)).orElseThrow();
        }

        @Override
        public void close() {
            running.values().forEach(Subject::close);
        }
    }
}
