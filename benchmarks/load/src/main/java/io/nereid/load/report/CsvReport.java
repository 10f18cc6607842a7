package io.nereid.load.report;

import io.nereid.load.measure.LevelResult;
import io.nereid.load.measure.ServerTimes;
import io.nereid.load.measure.Window;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Results as perf_analyzer writes them: times in whole microseconds, rows by growing throughput,
 * further columns with {@code --verbose-csv}.
 */
public final class CsvReport {
    private static final double MICRO = 1e3;
    private static final int DIGITS = 6;

    private final ReportOptions options;
    private final boolean verbose;

    /**
     * A report.
     *
     * @param verbose whether the columns of {@code --verbose-csv} are there
     */
    public CsvReport(ReportOptions options, boolean verbose) {
        this.options = options;
        this.verbose = verbose;
    }

    /** All lines, the header first. */
    public List<String> lines(List<LevelResult> results) {
        List<String> lines = new ArrayList<>();
        lines.add(header());
        results.stream()
                .sorted(Comparator.comparingDouble(result -> result.window().perSecond()))
                .map(this::row)
                .forEach(lines::add);
        return lines;
    }

    private String header() {
        List<String> names = new ArrayList<>();
        names.add(options.rates() ? "Request Rate" : "Concurrency");
        names.addAll(
                List.of(
                        "Inferences/Second",
                        "Client Send",
                        "Network+Server Send/Recv",
                        "Server Queue",
                        "Server Compute Input",
                        "Server Compute Infer",
                        "Server Compute Output"));
        if (options.cached()) {
            names.addAll(List.of("Server Cache Hit", "Server Cache Miss"));
        }
        names.add("Client Recv");
        options.percentiles().forEach(percentile -> names.add("p" + percentile + " latency"));
        if (verbose) {
            names.addAll(List.of("Avg latency", "request/response", "response wait"));
        }
        return String.join(",", names);
    }

    private String row(LevelResult result) {
        Window window = result.window();
        ServerTimes server = window.server().means();
        double send = window.tally().meanSendNanos();
        double receive = window.tally().meanReceiveNanos();
        double latency = window.tally().meanLatencyNanos();
        List<String> values = new ArrayList<>();
        values.add(result.load().amount());
        values.add(number(window.perSecond() * options.batch()));
        values.add(micros(send));
        values.add(micros(Math.max(0, latency - send - receive - server.sum())));
        values.add(micros(server.queue()));
        values.add(micros(server.input()));
        values.add(micros(server.infer()));
        values.add(micros(server.output()));
        if (options.cached()) {
            values.add(micros(server.hit()));
            values.add(micros(server.miss()));
        }
        values.add(micros(receive));
        options.percentiles()
                .forEach(percentile ->
                        values.add(micros(window.tally().percentileNanos(percentile))));
        if (verbose) {
            values.add(micros(latency));
            values.add(micros(send + receive));
            values.add(micros(Math.max(0, latency - send - receive)));
        }
        return String.join(",", values);
    }

    /** Six digits, as perf_analyzer. */
    private static String number(double value) {
        return new BigDecimal(value)
                .round(new MathContext(DIGITS))
                .stripTrailingZeros()
                .toPlainString();
    }

    private static String micros(double nanos) {
        return Long.toString(Math.round(nanos / MICRO));
    }
}
