package io.nereid.load.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.nereid.load.measure.LevelResult;
import io.nereid.load.measure.LevelResult.Verdict;
import io.nereid.load.measure.Load;
import io.nereid.load.measure.ServerSplit;
import io.nereid.load.measure.ServerTimes;
import io.nereid.load.measure.Window;
import io.nereid.load.pace.Tally;
import java.io.PrintWriter;
import java.io.StringReader;
import java.io.StringWriter;
import java.util.List;
import java.util.Map;
import javax.xml.parsers.DocumentBuilderFactory;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;
import org.xml.sax.InputSource;

final class ReportsTest {
    private static final ReportOptions OPTIONS =
            new ReportOptions("Model <m> at host", 2, 0, false, false, true);

    /** Two seconds, 100 answers for each request under way, from 1 ms to 100 ms. */
    private static LevelResult level(int concurrency, String... failures) {
        Tally tally = new Tally();
        for (int i = 1; i <= 100 * concurrency; i++) {
            tally.succeeded((i % 100 + 1) * 1_000_000L, 20_000, 5_000, 1);
        }
        for (String failure : failures) {
            tally.failed(failure);
        }
        ServerSplit server =
                new ServerSplit(
                        100, 200, 50, 0, new ServerTimes(1e8, 2e6, 3e7, 4e6, 0, 0), Map.of());
        return new LevelResult(
                new Load.Concurrency(concurrency),
                new Window(tally, 2_000_000_000L, server, 0),
                3,
                Verdict.STABLE);
    }

    private static String text(LevelResult... results) {
        StringWriter out = new StringWriter();
        TextReport report = new TextReport(new PrintWriter(out), OPTIONS);
        report.level(results[0]);
        report.histogram(results[0]);
        report.table(List.of(results));
        return out.toString();
    }

    @Test
    void writesTheColumnsOfPerfAnalyzer() {
        assertThat(new CsvReport(OPTIONS, false).lines(List.of(level(1))))
                .containsExactly(
                        "Concurrency,Inferences/Second,Client Send,Network+Server Send/Recv,Server"
                                + " Queue,Server Compute Input,Server Compute Infer,Server Compute"
                                + " Output,Client Recv,p50 latency,p90 latency,p95 latency,p99"
                                + " latency",
                        "1,100,20,49115,1000,20,300,40,5,50004,90046,95027,99025");
    }

    @Test
    void sortsRowsByThroughput() {
        assertThat(new CsvReport(OPTIONS, false).lines(List.of(level(3), level(1), level(2))))
                .extracting(line -> line.substring(0, 2))
                .containsExactly("Co", "1,", "2,", "3,");
    }

    @Test
    void addsColumnsForACacheAPercentileAndDetails() {
        ReportOptions more = new ReportOptions("m", 1, 85, true, true, false);

        assertThat(new CsvReport(more, true).lines(List.of()).getFirst())
                .startsWith("Request Rate,")
                .contains("Server Cache Hit,Server Cache Miss,Client Recv,p50 latency,p85 latency")
                .endsWith("p99 latency,Avg latency,request/response,response wait");
    }

    @Test
    void saysInWordsWhatWasMeasured() {
        assertThat(text(level(1), level(2)))
                .contains("Concurrency 1: 100 infer/s, 50.0 requests/s (100 answers in 2.00 s")
                .contains("p50 50.0 ms   p90 90.0 ms")
                .contains("queue 1.00 ms   input 20.0 us   infer 300 us   output 40.0 us")
                .contains("batches of 4.00")
                .contains("100.00 %")
                .containsPattern("concurrency +infer/s +mean +p50")
                .doesNotContain("failed    ");
    }

    @Test
    void saysHowOftenRequestsFailedAndWhy() {
        assertThat(text(level(1, "status 503: full", "status 503: full", "closed")))
                .contains("failed    2 x status 503: full", "failed    1 x closed");
    }

    @Test
    void countsEveryLatencyInOneBar() {
        Histogram latencies = new Histogram(3);
        for (long i = 1; i < 2_000_000; i += 7) {
            latencies.recordValue(i * 13);
        }

        List<Bars.Bar> bars = Bars.of(latencies);

        assertThat(bars.stream().mapToLong(Bars.Bar::count).sum())
                .isEqualTo(latencies.getTotalCount());
        assertThat(bars).hasSizeBetween(10, 20).allMatch(bar -> bar.from() < bar.to());
    }

    @Test
    void hasNoBarsWithoutLatencies() {
        assertThat(Bars.of(new Histogram(3))).isEmpty();
    }

    @Test
    void drawsAPageThatLoadsNothing() throws Exception {
        String page =
                new HtmlReport(OPTIONS)
                        .page(List.of(level(1), level(2, "status 400: <bad> & \"x\"")));

        assertThat(page)
                .startsWith("<!DOCTYPE html>")
                .contains("Model &lt;m&gt; at host", "status 400: &lt;bad&gt; &amp; &quot;x&quot;")
                .doesNotContain("<script", "src=", "href=", "url(");
        for (int from = page.indexOf("<svg"); from >= 0; from = page.indexOf("<svg", from + 1)) {
            String svg = page.substring(from, page.indexOf("</svg>", from) + 6);
            assertThat(
                            DocumentBuilderFactory.newInstance()
                                    .newDocumentBuilder()
                                    .parse(new InputSource(new StringReader(svg)))
                                    .getDocumentElement()
                                    .getTagName())
                    .isEqualTo("svg");
            assertThat(svg).doesNotContain("NaN", "Infinity");
        }
    }

    @Test
    void drawsNothingWhereNothingWasAnswered() {
        LevelResult nothing =
                new LevelResult(
                        new Load.Concurrency(1),
                        new Window(new Tally(), 1, ServerSplit.NONE, 0),
                        1,
                        Verdict.NOTHING);

        assertThat(new HtmlReport(OPTIONS).page(List.of(nothing))).doesNotContain("<svg");
        assertThat(text(nothing)).contains("no request was answered");
    }

    @Test
    void showsProgressOnATerminalOnly() {
        StringWriter seen = new StringWriter();
        ProgressLine line = new ProgressLine(new PrintWriter(seen), true);
        line.show(new Load.Concurrency(4), 2, 500_000_000, 600);
        line.clear();
        StringWriter unseen = new StringWriter();
        new ProgressLine(new PrintWriter(unseen), false).show(new Load.Concurrency(4), 2, 1, 1);

        assertThat(seen.toString())
                .contains("concurrency 4, window 2, 500 ms: 1,200 requests/s")
                .endsWith("\r\033[K");
        assertThat(unseen.toString()).isEmpty();
    }
}
