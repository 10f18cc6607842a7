package io.nereid.load.report;

import io.nereid.load.measure.LevelResult;
import io.nereid.load.measure.ServerSplit;
import io.nereid.load.measure.ServerTimes;
import io.nereid.load.measure.Window;
import io.nereid.load.pace.Tally;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What people read: each load as it is done, and all of them at the end. */
public final class TextReport {
    private static final int BAR_WIDTH = 50;
    private static final double PERCENT = 100;

    /** An open loop that is later than this does not send what it was to send. */
    private static final long LATE_NANOS = 50_000_000;

    private final PrintWriter out;
    private final ReportOptions options;

    /** Writes to {@code out}, which is flushed after each part. */
    public TextReport(PrintWriter out, ReportOptions options) {
        this.out = out;
        this.options = options;
    }

    /** What is about to be measured. */
    public void begin() {
        out.println(options.title());
        out.flush();
    }

    /** One window, for those who want to see them. */
    public void window(int number, Window window) {
        if (options.verbose()) {
            out.printf(
                    Locale.ROOT,
                    "  window %d: %s infer/s, latency %s%s%n",
                    number,
                    Units.rate(window.perSecond() * options.batch()),
                    Units.time(window.latencyNanos(options.percentile())),
                    window.tally().failureCount() == 0
                            ? ""
                            : ", " + Units.count(window.tally().failureCount()) + " failed");
            out.flush();
        }
    }

    /** One load. */
    public void level(LevelResult result) {
        Window window = result.window();
        out.println();
        out.printf("%s: %s%n", capital(result.load().describe()), headline(result));
        if (window.tally().count() > 0) {
            out.println("  latency   " + latencies(window.tally()));
            out.println("  client    " + client(window));
            server("  server    ", window.server());
        }
        behind(window);
        failures(window.tally());
        out.flush();
    }

    /** The distribution of a load's latencies. */
    public void histogram(LevelResult result) {
        List<Bars.Bar> bars = Bars.of(result.window().tally().latencies());
        long most = bars.stream().mapToLong(Bars.Bar::count).max().orElse(0);
        if (most == 0) {
            return;
        }
        long total = result.window().tally().count();
        out.println();
        out.println("  latency          answers    so far");
        long before = 0;
        for (Bars.Bar bar : bars) {
            before += bar.count();
            out.printf(
                    Locale.ROOT,
                    "  to %9s %10s %6.2f %%%s%n",
                    Units.time(bar.to()),
                    Units.count(bar.count()),
                    PERCENT * before / total,
                    bar.count() == 0 ? "" : "  " + "#".repeat(length(bar.count(), most)));
        }
        out.flush();
    }

    private static int length(long count, long most) {
        return (int) Math.ceil((double) BAR_WIDTH * count / most);
    }

    /** All loads in a table. */
    public void table(List<LevelResult> results) {
        List<List<String>> rows = new ArrayList<>();
        List<String> header = new ArrayList<>();
        header.add(options.rates() ? "requests/s" : "concurrency");
        header.add("infer/s");
        header.add("mean");
        options.percentiles().forEach(percentile -> header.add("p" + percentile));
        header.addAll(List.of("max", "failed", ""));
        rows.add(header);
        results.forEach(result -> rows.add(row(result)));
        out.println();
        for (List<String> row : rows) {
            StringBuilder line = new StringBuilder();
            for (int column = 0; column < row.size(); column++) {
                int width = width(rows, column);
                boolean last = column == row.size() - 1;
                line.append(column == 0 ? "" : "  ")
                        .append(last ? "" : " ".repeat(width - row.get(column).length()))
                        .append(row.get(column));
            }
            out.println(line.toString().stripTrailing());
        }
        out.flush();
    }

    private List<String> row(LevelResult result) {
        Tally tally = result.window().tally();
        List<String> row = new ArrayList<>();
        row.add(result.load().amount());
        row.add(Units.rate(result.window().perSecond() * options.batch()));
        row.add(Units.time(tally.meanLatencyNanos()));
        options.percentiles()
                .forEach(percentile -> row.add(Units.time(tally.percentileNanos(percentile))));
        row.add(Units.time(tally.maxNanos()));
        row.add(Units.count(tally.failureCount()));
        row.add(remark(result));
        return row;
    }

    private static String remark(LevelResult result) {
        return switch (result.verdict()) {
            case STABLE, COMPLETE -> "";
            case UNSTABLE -> "not stable";
            case TOO_SLOW -> "too slow";
            case NOTHING -> "no answer";
        };
    }

    private static int width(List<List<String>> rows, int column) {
        return rows.stream().mapToInt(row -> row.get(column).length()).max().orElse(0);
    }

    private String headline(LevelResult result) {
        Window window = result.window();
        String rate = Units.rate(window.perSecond() * options.batch()) + " infer/s";
        if (options.batch() > 1) {
            rate += ", " + Units.rate(window.perSecond()) + " requests/s";
        }
        if (window.tally().responses() > window.tally().count()) {
            double each = (double) window.tally().responses() / window.tally().count();
            rate += ", " + Units.rate(window.perSecond() * each) + " responses/s";
        }
        String seen =
                Units.count(window.tally().count()) + " answers in " + Units.time(window.nanos());
        return switch (result.verdict()) {
            case STABLE -> rate + " (" + seen + ", stable)";
            case COMPLETE -> rate + " (" + seen + ")";
            case UNSTABLE ->
                    rate
                            + " ("
                            + seen
                            + ", not stable: the last windows differ; a longer"
                            + " --measurement-interval may help)";
            case TOO_SLOW -> rate + " (" + seen + ", above the latency threshold)";
            case NOTHING -> silence(window, seen);
        };
    }

    private static String silence(Window window, String seen) {
        if (window.tally().count() > 0) {
            return "answers have stopped (" + seen + ")";
        }
        String nothing = "no request was answered in " + Units.time(window.nanos());
        return window.tally().failureCount() > 0
                ? nothing
                : nothing + "; if they take longer, so must --measurement-interval";
    }

    private String latencies(Tally tally) {
        StringBuilder line = new StringBuilder();
        options.percentiles()
                .forEach(percentile ->
                        line.append('p')
                                .append(percentile)
                                .append(' ')
                                .append(Units.time(tally.percentileNanos(percentile)))
                                .append("   "));
        return line.append("max ")
                .append(Units.time(tally.maxNanos()))
                .append("   mean ")
                .append(Units.time(tally.meanLatencyNanos()))
                .append(", sd ")
                .append(Units.time(tally.latencies().getStdDeviation()))
                .toString();
    }

    private static String client(Window window) {
        double send = window.tally().meanSendNanos();
        double receive = window.tally().meanReceiveNanos();
        double rest =
                window.tally().meanLatencyNanos() - send - receive - window.server().means().sum();
        return "send "
                + Units.time(send)
                + "   receive "
                + Units.time(receive)
                + "   network and the server's protocol "
                + Units.time(Math.max(0, rest));
    }

    private void server(String name, ServerSplit split) {
        if (split.requests() == 0) {
            out.println(name + "has no statistics of these requests");
            return;
        }
        out.println(name + parts(split, split.means()));
        split.steps()
                .forEach((step, part) ->
                        out.println("    " + step + ": " + parts(part, part.means())));
    }

    private static String parts(ServerSplit split, ServerTimes means) {
        String text =
                "queue "
                        + Units.time(means.queue())
                        + "   input "
                        + Units.time(means.input())
                        + "   infer "
                        + Units.time(means.infer())
                        + "   output "
                        + Units.time(means.output());
        if (split.cacheHits() > 0 || means.miss() > 0) {
            text +=
                    String.format(
                            Locale.ROOT,
                            "   from the cache %.1f %%",
                            PERCENT * split.cacheHits() / split.requests());
        }
        return split.executions() == 0
                ? text
                : text + String.format(Locale.ROOT, "   batches of %.2f", split.meanBatch());
    }

    private void behind(Window window) {
        if (window.behindNanos() > LATE_NANOS) {
            out.println(
                    "  late      requests wait "
                            + Units.time(window.behindNanos())
                            + " to be sent: the server does not keep up with this rate");
        }
    }

    private void failures(Tally tally) {
        for (Map.Entry<String, Long> failure : tally.failures().entrySet()) {
            out.printf("  failed    %s x %s%n", Units.count(failure.getValue()), failure.getKey());
        }
    }

    private static String capital(String text) {
        return text.substring(0, 1).toUpperCase(Locale.ROOT) + text.substring(1);
    }
}
