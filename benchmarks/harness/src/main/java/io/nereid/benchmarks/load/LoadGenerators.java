package io.nereid.benchmarks.load;

import io.nereid.benchmarks.models.Requests;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A closed loop of clients: wrk over HTTP, h2load over gRPC. Blocks; used by one thread at a time
 * for each directory of requests.
 *
 * @param files the requests
 */
public record LoadGenerators(RequestFiles files) {
    private static final Pattern WRK = Pattern.compile("RESULT (\\d+) (\\d+) (\\d+) (\\d+) (\\d+)");
    private static final Pattern H2LOAD =
            Pattern.compile("(\\d+) succeeded, (\\d+) failed, (\\d+) errored, (\\d+) timeout");
    private static final int MANY_CLIENTS = 16;

    /**
     * Sends a request again and again over HTTP.
     *
     * @param path begins with a slash
     * @param clients connections, each with one request at a time
     */
    public Load http(int port, String path, Requests request, int clients, int seconds) {
        String output =
                Programs.output(
                        List.of(
                                "wrk",
                                "--threads=" + threads(clients),
                                "--connections=" + clients,
                                "--duration=" + seconds + "s",
                                "--timeout=20s",
                                "--script=" + files.script(request),
                                "http://127.0.0.1:" + port + path));
        Matcher result = find(WRK, output);
        long failures = number(result, 3);
        return new Load(
                number(result, 1) - failures,
                failures,
                number(result, 2) / 1e6,
                number(result, 4),
                number(result, 5));
    }

    /**
     * Sends a request again and again over gRPC, on a connection for four clients or eight.
     *
     * @param clients requests at a time
     */
    public Load grpc(int port, Requests request, int clients, int seconds) {
        int streams = clients == 1 ? 1 : clients <= MANY_CLIENTS ? 4 : 8;
        Path log = files.directory().resolve("h2load-" + port + ".log");
        try {
            Files.deleteIfExists(log);
            String output =
                    Programs.output(
                            List.of(
                                    "h2load",
                                    "--threads=" + threads(clients),
                                    "--clients=" + clients / streams,
                                    "--max-concurrent-streams=" + streams,
                                    "--duration=" + seconds,
                                    "--window-bits=24",
                                    "--connection-window-bits=24",
                                    "--data=" + files.body(request),
                                    "--header=content-type: application/grpc",
                                    "--header=te: trailers",
                                    "--log-file=" + log,
                                    "http://127.0.0.1:"
                                            + port
                                            + "/inference.GRPCInferenceService/ModelInfer"));
            Matcher result = find(H2LOAD, output);
            long[] micros = latencies(log);
            return new Load(
                    number(result, 1),
                    number(result, 2) + number(result, 3) + number(result, 4),
                    seconds,
                    percentile(micros, 50),
                    percentile(micros, 99));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static int threads(int clients) {
        return clients == 1 ? 1 : 2;
    }

    /** Third column of h2load's log, sorted. */
    private static long[] latencies(Path log) throws IOException {
        try (var lines = Files.lines(log)) {
            return lines.mapToLong(
                            line -> Long.parseLong(line.substring(line.lastIndexOf('\t') + 1)))
                    .sorted()
                    .toArray();
        }
    }

    private static double percentile(long[] sorted, int percent) {
        return sorted.length == 0
                ? 0
                : sorted[Math.min(sorted.length - 1, sorted.length * percent / 100)];
    }

    private static Matcher find(Pattern pattern, String output) {
        Matcher matcher = pattern.matcher(output);
        if (!matcher.find()) {
            throw new IllegalStateException(
                    "no result in " + Arrays.asList(output.split("\n", -1)));
        }
        return matcher;
    }

    private static long number(Matcher matcher, int group) {
        return Long.parseLong(matcher.group(group));
    }
}
