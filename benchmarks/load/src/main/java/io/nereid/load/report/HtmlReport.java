package io.nereid.load.report;

import io.nereid.load.measure.LevelResult;
import io.nereid.load.measure.ServerTimes;
import io.nereid.load.measure.Window;
import io.nereid.load.pace.Tally;
import io.nereid.load.report.LineChart.Point;
import io.nereid.load.report.LineChart.Series;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Results as a page of its own: a table, charts, failures. It has no scripts and loads nothing. */
public final class HtmlReport {
    private static final double[] LATENCY_PERCENTILES = {
        0, 10, 20, 30, 40, 50, 60, 70, 80, 90, 95, 98, 99, 99.5, 99.8, 99.9, 99.95, 99.98, 99.99
    };
    private static final int MOST_LINES = 8;
    private static final double WHOLE = 100;

    private static final String STYLE =
            """
            :root { color-scheme: light dark; --ink: #1b1f24; --faint: #d7dce1; --paper: #fff; }
            @media (prefers-color-scheme: dark) {
              :root { --ink: #e6e9ec; --faint: #3a4046; --paper: #16191c; } }
            body { font: 15px/1.45 system-ui, sans-serif; color: var(--ink); background: var(--paper);
              max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
            h1 { font-size: 1.3rem; } h2 { font-size: 1.05rem; margin-top: 2rem; }
            .scroll { overflow-x: auto; }
            table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
            th, td { text-align: right; padding: .2rem .7rem; border-bottom: 1px solid var(--faint);
              white-space: nowrap; }
            svg { width: 100%; height: auto; max-width: 48rem; }
            svg text { font-size: 11px; fill: var(--ink); }
            .grid { stroke: var(--faint); } .middle { text-anchor: middle; } .end { text-anchor: end; }
            polyline { fill: none; stroke-width: 2; }
            .bar { fill: #3b7dd8; }
            """;

    /** Colours that can be told apart by those who see few. */
    private static final List<String> COLOURS =
            List.of(
                    "#3b7dd8", "#d95f02", "#1b9e77", "#c2408a", "#7570b3", "#a6761d", "#666666",
                    "#66a61e");

    private final ReportOptions options;

    /** A report. */
    public HtmlReport(ReportOptions options) {
        this.options = options;
    }

    /** The page. */
    public String page(List<LevelResult> results) {
        StringBuilder page = new StringBuilder();
        page.append("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n")
                .append("<meta name=\"viewport\" content=\"width=device-width\">\n<title>")
                .append(Html.escape(options.title()))
                .append("</title>\n<style>\n")
                .append(STYLE);
        for (int i = 0; i < COLOURS.size(); i++) {
            page.append(
                    String.format(
                            Locale.ROOT,
                            ".c%1$d { stroke: %2$s; } .d%1$d, svg .t%1$d { fill: %2$s; }%n",
                            i,
                            COLOURS.get(i)));
        }
        page.append("</style>\n</head>\n<body>\n<h1>")
                .append(Html.escape(options.title()))
                .append("</h1>\n");
        table(results, page);
        List<LevelResult> answered =
                results.stream().filter(result -> result.window().tally().count() > 0).toList();
        if (!answered.isEmpty()) {
            charts(answered, page);
        }
        failures(results, page);
        return page.append("</body>\n</html>\n").toString();
    }

    private void table(List<LevelResult> results, StringBuilder page) {
        page.append("<div class=\"scroll\"><table>\n<tr><th>")
                .append(options.rates() ? "Requests/s wanted" : "Concurrency")
                .append("</th><th>Inferences/s</th><th>Mean</th>");
        options.percentiles()
                .forEach(percentile -> page.append("<th>p").append(percentile).append("</th>"));
        page.append(
                "<th>Max</th><th>Queue</th><th>Input</th><th>Infer</th><th>Output</th>"
                        + "<th>Failed</th></tr>\n");
        for (LevelResult result : results) {
            Window window = result.window();
            Tally tally = window.tally();
            ServerTimes server = window.server().means();
            page.append("<tr>");
            cell(result.load().amount(), page);
            cell(Units.rate(window.perSecond() * options.batch()), page);
            cell(Units.time(tally.meanLatencyNanos()), page);
            options.percentiles()
                    .forEach(percentile ->
                            cell(Units.time(tally.percentileNanos(percentile)), page));
            cell(Units.time(tally.maxNanos()), page);
            cell(Units.time(server.queue()), page);
            cell(Units.time(server.input()), page);
            cell(Units.time(server.infer()), page);
            cell(Units.time(server.output()), page);
            cell(Units.count(tally.failureCount()), page);
            page.append("</tr>\n");
        }
        page.append("</table></div>\n");
    }

    private static void cell(String text, StringBuilder page) {
        page.append("<td>").append(Html.escape(text)).append("</td>");
    }

    private void charts(List<LevelResult> results, StringBuilder page) {
        if (results.size() > 1) {
            page.append("<h2>Latency by throughput</h2>\n").append(byThroughput(results));
        }
        page.append("<h2>Latency by percentile</h2>\n").append(byPercentile(results));
        for (LevelResult result : results) {
            page.append("<h2>Latencies, ")
                    .append(Html.escape(result.load().describe()))
                    .append("</h2>\n")
                    .append(BarChart.svg(Bars.of(result.window().tally().latencies())));
        }
    }

    private String byThroughput(List<LevelResult> results) {
        List<Series> series = new ArrayList<>();
        double most = 0;
        for (int percentile : options.percentiles()) {
            List<Point> points = new ArrayList<>();
            for (LevelResult result : results) {
                double latency = result.window().tally().percentileNanos(percentile);
                points.add(new Point(result.window().perSecond() * options.batch(), latency));
                most = Math.max(most, latency);
            }
            series.add(new Series("p" + percentile, points));
        }
        double fastest =
                results.stream().mapToDouble(result -> result.window().perSecond()).max().orElse(1);
        return LineChart.svg(
                Axis.fromZero("inferences per second", fastest * options.batch(), Units::rate),
                Axis.fromZero("latency", most, Units::tick),
                series);
    }

    /** The further to the right, the rarer: one in ten, one in a hundred, and so on. */
    private static String byPercentile(List<LevelResult> results) {
        List<LevelResult> shown = results.subList(0, Math.min(MOST_LINES, results.size()));
        List<Series> series = new ArrayList<>();
        double least = Double.MAX_VALUE;
        double most = 0;
        for (LevelResult result : shown) {
            Tally tally = result.window().tally();
            List<Point> points = new ArrayList<>();
            for (double percentile : LATENCY_PERCENTILES) {
                if (tally.count() * (WHOLE - percentile) < WHOLE) {
                    break;
                }
                double latency = Math.max(1, tally.latencies().getValueAtPercentile(percentile));
                points.add(new Point(WHOLE / (WHOLE - percentile), latency));
                least = Math.min(least, latency);
                most = Math.max(most, latency);
            }
            series.add(new Series(result.load().describe(), points));
        }
        return LineChart.svg(
                Axis.logarithmic("percentile", 1, 10_000, HtmlReport::percentile),
                Axis.logarithmic("latency", least, most, Units::tick),
                series);
    }

    private static String percentile(double oneIn) {
        String text = String.format(Locale.ROOT, "%.2f", WHOLE - WHOLE / oneIn);
        return "p" + text.replaceAll("\\.?0+$", "").replaceAll("^$", "0");
    }

    private static void failures(List<LevelResult> results, StringBuilder page) {
        List<String> items = new ArrayList<>();
        for (LevelResult result : results) {
            for (Map.Entry<String, Long> failure : result.window().tally().failures().entrySet()) {
                items.add(
                        result.load().describe()
                                + ": "
                                + Units.count(failure.getValue())
                                + " x "
                                + failure.getKey());
            }
        }
        if (!items.isEmpty()) {
            page.append("<h2>Failures</h2>\n<ul>\n");
            items.forEach(item -> page.append("<li>").append(Html.escape(item)).append("</li>\n"));
            page.append("</ul>\n");
        }
    }
}
