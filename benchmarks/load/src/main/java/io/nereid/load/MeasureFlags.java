package io.nereid.load;

import io.nereid.load.measure.Load;
import io.nereid.load.measure.Range;
import io.nereid.load.measure.Windows;
import io.nereid.protocol.StatusException;
import java.util.Optional;
import java.util.OptionalLong;
import picocli.CommandLine.Option;

/** How much is asked, and how long it is measured. */
final class MeasureFlags {
    private static final int MOST_PERCENT = 99;

    /** Distances between requests of an open loop. */
    enum Distribution {
        CONSTANT,
        POISSON
    }

    @Option(
            names = "--concurrency-range",
            paramLabel = "<start:end:step>",
            description =
                    "Closed loop: numbers of requests that are always under way. Default: 1."
                            + " With end 0, until the latency threshold is reached.")
    private Optional<String> concurrency = Optional.empty();

    @Option(
            names = "--request-rate-range",
            paramLabel = "<start:end:step>",
            description =
                    "Open loop: requests per second, sent whatever becomes of those before."
                            + " Latencies begin when a request was meant to be sent.")
    private Optional<String> rate = Optional.empty();

    @Option(
            names = "--request-distribution",
            paramLabel = "constant|poisson",
            description =
                    "Distances between the requests of an open loop: equal, or as random as those"
                            + " of many clients. Default: constant.")
    private Distribution distribution = Distribution.CONSTANT;

    @Option(
            names = "--max-concurrency",
            paramLabel = "<n>",
            description =
                    "Open loop: most requests under way; beyond that they wait to be sent."
                            + " Default: 1024.")
    private int mostLanes = 1024;

    @Option(
            names = "--measurement-mode",
            paramLabel = "time_windows|count_windows",
            description = "What ends a window. Default: time_windows.")
    private Windows.Mode mode = Windows.Mode.TIME_WINDOWS;

    @Option(
            names = {"-p", "--measurement-interval"},
            paramLabel = "<ms>",
            description = "Length of a window of time. Default: 5000.")
    private long interval = 5000;

    @Option(
            names = "--measurement-request-count",
            paramLabel = "<n>",
            description =
                    "Answers in a window of answers, which lasts a second or longer. Default: 50.")
    private long windowRequests = 50;

    @Option(
            names = {"-s", "--stability-percentage"},
            paramLabel = "<percent>",
            description =
                    "How far throughput and latency of the last three windows may differ."
                            + " Default: 10.")
    private double stability = 10;

    @Option(
            names = {"-r", "--max-trials"},
            paramLabel = "<n>",
            description = "Windows after which it is given up to reach that. Default: 10.")
    private int trials = 10;

    @Option(
            names = "--percentile",
            paramLabel = "<n>",
            description =
                    "The latency that must be stable and below the threshold, instead of the"
                            + " mean: 1 to 99.")
    private int percentile = -1;

    @Option(
            names = {"-l", "--latency-threshold"},
            paramLabel = "<ms>",
            description = "Try no more load once latency is above this. Default: 0, none.")
    private long threshold;

    @Option(
            names = "--request-count",
            paramLabel = "<n>",
            description = "Send so many requests and no more, in one window.")
    private long total;

    @Option(
            names = "--warmup-request-count",
            paramLabel = "<n>",
            description = "Requests that are sent before anything is measured. Default: 0.")
    private long warmup;

    @Option(
            names = "--max-threads",
            paramLabel = "<n>",
            description = "Threads that send. Default: half the processors, 4 at most.")
    private Optional<Integer> threads = Optional.empty();

    @Option(
            names = {"-a", "--async", "--sync"},
            description =
                    "Accepted for perf_analyzer's command lines; no thread ever waits for an"
                            + " answer.")
    boolean async;

    /** Whether loads are rates. */
    boolean rates() {
        return rate.isPresent();
    }

    /** The amounts of load. */
    Range range() {
        if (rate.isPresent() && concurrency.isPresent()) {
            throw StatusException.invalidArgument(
                    "--concurrency-range and --request-rate-range exclude one another");
        }
        Range range =
                rate.map(text -> Range.parse("--request-rate-range", text))
                        .orElseGet(
                                () -> Range.parse("--concurrency-range", concurrency.orElse("1")));
        if (!rates()
                && !(isWhole(range.start()) && isWhole(range.end()) && isWhole(range.step()))) {
            throw StatusException.invalidArgument("--concurrency-range takes whole numbers");
        }
        if (range.isOpenEnded() && threshold == 0) {
            throw StatusException.invalidArgument(
                    "a range without an end needs a --latency-threshold");
        }
        return range;
    }

    private static boolean isWhole(double value) {
        return value == Math.rint(value);
    }

    /** The load of an amount. */
    Load load(double amount) {
        return rates()
                ? new Load.Rate(amount, distribution == Distribution.POISSON)
                : new Load.Concurrency((int) amount);
    }

    /** How long it is measured. */
    Windows windows() {
        boolean positive = interval > 0 && windowRequests > 0 && stability > 0 && trials > 0;
        if (!positive || total < 0 || warmup < 0 || threshold < 0 || mostLanes < 1) {
            throw StatusException.invalidArgument(
                    "intervals, counts, percentages and thresholds are positive numbers");
        }
        if (percentile != -1 && (percentile < 1 || percentile > MOST_PERCENT)) {
            throw StatusException.invalidArgument("--percentile takes 1 to 99, got " + percentile);
        }
        return new Windows(
                mode,
                interval,
                windowRequests,
                stability,
                trials,
                percentile(),
                threshold,
                total == 0 ? OptionalLong.empty() : OptionalLong.of(total),
                warmup);
    }

    /** The latency that counts; 0 for the mean. */
    int percentile() {
        return Math.max(0, percentile);
    }

    int mostLanes() {
        return mostLanes;
    }

    /** Threads that send. */
    int threads(int processors) {
        int count = threads.orElse(Math.clamp(processors / 2, 1, 4));
        if (count < 1) {
            throw StatusException.invalidArgument("--max-threads takes a positive number");
        }
        return count;
    }
}
