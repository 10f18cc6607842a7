package io.nereid.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.DoubleFunction;
import java.util.stream.Stream;

/**
 * Writes the results as Markdown, in place of those that stand between two marks of a page.
 *
 * @param footprint empty if it was not measured
 */
record Report(Options options, Machine machine, Results results, Optional<Footprint> footprint) {
    private static final String BEGIN = "<!-- results: written by benchmarks/run -->\n";
    private static final String END = "<!-- end of results -->\n";
    private static final Target P50_ABOVE = Target.of(90, 60);
    private static final Target READY = Target.of(1.0, 0.5);
    private static final Target IDLE = Target.of(300e6, 180e6);
    private static final Target AFTER = Target.of(400e6, 250e6);
    private static final String NONE = "–";

    void write() throws IOException {
        String text = text();
        System.out.print(text);
        if (options.output().isPresent()) {
            Path page = options.output().get();
            String before = Files.exists(page) ? Files.readString(page) : BEGIN + END;
            int begin = before.indexOf(BEGIN);
            int end = before.indexOf(END);
            if (begin < 0 || end < begin) {
                throw new IOException(page + " lacks the marks around the results");
            }
            Files.writeString(
                    page,
                    before.substring(0, begin + BEGIN.length()) + text + before.substring(end));
        }
    }

    private String text() {
        StringBuilder page = new StringBuilder("\nMeasured on ");
        page.append(LocalDate.now(ZoneOffset.UTC)).append(" with `benchmarks/run --rounds ");
        page.append(options.rounds()).append(" --seconds ").append(options.seconds());
        page.append(" --warm-up ").append(options.warmUp()).append("`:\n\n");
        machine.lines().forEach(line -> page.append("* ").append(line).append('\n'));
        if (!results.rows().isEmpty()) {
            cpu(page);
            latency(page);
            beside(page);
        }
        others(page);
        return page.append('\n').toString();
    }

    private void cpu(StringBuilder page) {
        section(
                page,
                "CPU per request",
                "Work",
                "Clients",
                "Nereid",
                "Limit",
                "× limit",
                "Reference",
                "÷ reference",
                "Must / aim",
                "",
                "Must × limit",
                "");
        for (Row row : results.rows()) {
            double nereid = results.median(row, Kind.NEREID, Cell::cpu);
            OptionalDouble limit = limit(row);
            line(
                    page,
                    row.title(),
                    Integer.toString(row.clients()),
                    results.spread(row, Kind.NEREID, Cell::cpu).text(Report::micros),
                    row.limit()
                            .map(kind ->
                                    results.spread(row, kind, Cell::cpu).text(Report::micros)
                                            + ", "
                                            + kind.title())
                            .orElse(NONE),
                    ratio(nereid, limit),
                    row.reference().isPresent() ? micros(row.reference().getAsDouble()) : NONE,
                    ratio(nereid, row.reference()),
                    row.target()
                            .map(target ->
                                    target.timesLimit()
                                            ? "%.2f / %.2f × limit"
                                                    .formatted(target.must(), target.aim())
                                            : bounds(target, Report::micros))
                            .orElse(NONE),
                    row.target()
                            .map(target ->
                                    target.verdict(
                                            target.timesLimit()
                                                    ? nereid / limit.orElseThrow()
                                                    : nereid))
                            .orElse(""),
                    row.mustTimesLimit().isPresent()
                            ? "%.2f".formatted(row.mustTimesLimit().getAsDouble())
                            : NONE,
                    timesLimit(row, nereid));
        }
    }

    /** The word for a figure beside the limit: it does not move with the machine's speed. */
    private String timesLimit(Row row, double nereid) {
        OptionalDouble must = row.mustTimesLimit();
        if (must.isEmpty()) {
            return "";
        }
        double times = nereid / limit(row).orElseThrow();
        return Target.of(must.getAsDouble(), 0).verdict(times);
    }

    private void latency(StringBuilder page) {
        section(page, "Throughput and latency", "Work", "Clients", "Requests/s", "p50", "p99");
        for (Row row : results.rows()) {
            line(
                    page,
                    row.title(),
                    Integer.toString(row.clients()),
                    results.spread(row, Kind.NEREID, Cell::perSecond).text(Report::count),
                    results.spread(row, Kind.NEREID, Cell::p50).text(Report::micros),
                    results.spread(row, Kind.NEREID, Cell::p99).text(Report::micros));
        }
    }

    private void beside(StringBuilder page) {
        section(
                page,
                "Limit programs and the Java peer",
                "Program",
                "Work",
                "Clients",
                "CPU per request",
                "Requests/s",
                "p50",
                "Nereid's CPU ÷ its");
        for (Row row : results.rows()) {
            for (Kind kind : row.beside()) {
                double cpu = results.median(row, kind, Cell::cpu);
                double p50 = results.median(row, kind, Cell::p50);
                line(
                        page,
                        kind.title(),
                        row.title(),
                        kind.hasClients() ? Integer.toString(row.clients()) : NONE,
                        results.spread(row, kind, Cell::cpu).text(Report::micros),
                        results.spread(row, kind, Cell::perSecond).text(Report::count),
                        p50 > 0 ? micros(p50) : NONE,
                        ratio(results.median(row, Kind.NEREID, Cell::cpu), OptionalDouble.of(cpu)));
            }
        }
    }

    private void others(StringBuilder page) {
        Optional<Row> alone =
                results.rows().stream()
                        .filter(row -> row.clients() == 1 && row.beside().contains(Kind.RESPONDER))
                        .filter(row -> row.equals(Rows.ALL.getFirst()))
                        .findFirst();
        if (alone.isEmpty() && footprint.isEmpty()) {
            return;
        }
        section(page, "Alone, at start, at rest", "What", "Nereid", "Reference", "Must / aim", "");
        alone.ifPresent(row -> {
            double above =
                    results.median(row, Kind.NEREID, Cell::p50)
                            - results.median(row, Kind.RESPONDER, Cell::p50);
            line(
                    page,
                    "one client, add_sub, HTTP binary: p50 above the C responder's",
                    micros(above),
                    NONE,
                    bounds(P50_ABOVE, Report::micros),
                    P50_ABOVE.verdict(above));
        });
        footprint.ifPresent(seen -> {
            other(
                    page,
                    "start to ready, one tiny ONNX model",
                    seen.secondsToReady(),
                    "0.18 s",
                    READY,
                    Report::seconds);
            other(page, "resident memory, the same", seen.idle(), "40 MB", IDLE, Report::megabytes);
            other(
                    page,
                    "resident memory %d s after 16 clients with 16 MiB".formatted(options.settle()),
                    seen.after(),
                    "1062 MB, kept",
                    AFTER,
                    Report::megabytes);
        });
    }

    private static void other(
            StringBuilder page,
            String what,
            Spread spread,
            String reference,
            Target target,
            DoubleFunction<String> unit) {
        line(
                page,
                what,
                spread.text(unit),
                reference,
                bounds(target, unit),
                target.verdict(spread.median()));
    }

    private OptionalDouble limit(Row row) {
        return row.limit()
                .map(kind -> OptionalDouble.of(results.median(row, kind, Cell::cpu)))
                .orElse(OptionalDouble.empty());
    }

    private static String bounds(Target target, DoubleFunction<String> unit) {
        return unit.apply(target.must()) + " / " + unit.apply(target.aim());
    }

    private static String ratio(double figure, OptionalDouble to) {
        return to.isPresent() ? "%.2f".formatted(figure / to.getAsDouble()) : NONE;
    }

    private static void section(StringBuilder page, String title, String... columns) {
        page.append("\n### ").append(title).append("\n\n");
        line(page, columns);
        line(page, Stream.of(columns).map(_ -> "---").toArray(String[]::new));
    }

    private static void line(StringBuilder page, String... cells) {
        page.append("| ").append(String.join(" | ", List.of(cells))).append(" |\n");
    }

    static String micros(double micros) {
        return micros < 100
                ? "%.1f µs".formatted(micros)
                : micros < 1000
                        ? "%.0f µs".formatted(micros)
                        : micros < 100_000
                                ? "%.2f ms".formatted(micros / 1e3)
                                : "%.0f ms".formatted(micros / 1e3);
    }

    static String megabytes(double bytes) {
        return "%.0f MB".formatted(bytes / 1e6);
    }

    private static String seconds(double seconds) {
        return "%.2f s".formatted(seconds);
    }

    private static String count(double number) {
        return number < 100 ? "%.1f".formatted(number) : "%,.0f".formatted(number);
    }
}
