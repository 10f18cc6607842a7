package io.nereid.server.main;

import io.nereid.protocol.StatusException;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;

/**
 * What metrics cost: two servers in one process, one with all metrics that are on by default and
 * one without, are asked in turn for an identity of 64 bytes over HTTP. Prints quantiles of
 * throughput and of the processor's time for a request.
 *
 * <pre>{@code java -Dnereid.home=server/target/nereid -cp ... io.nereid.server.main.MetricsCost
 * [pairs of rounds]}</pre>
 */
final class MetricsCost {
    private static final int CONNECTIONS = 4;
    private static final long ROUND_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
    private static final String MODEL =
            """
            max_batch_size: 8 backend: "identity" dynamic_batching { }
            input [ { name: "INPUT0" data_type: TYPE_FP32 dims: [ 16 ] } ]
            output [ { name: "OUTPUT0" data_type: TYPE_FP32 dims: [ 16 ] } ]
            """;
    private static final String HEADER =
            "{\"inputs\":[{\"name\":\"INPUT0\",\"datatype\":\"FP32\",\"shape\":[1,16],"
                    + "\"parameters\":{\"binary_data_size\":64}}],"
                    + "\"parameters\":{\"binary_data_output\":true}}";

    private MetricsCost() {}

    /** What one round gave. */
    private record Round(double perSecond, double cpuMicros) {}

    @SuppressWarnings("SystemOut") // a program for the command line
    public static void main(String[] arguments) throws IOException {
        int pairs = arguments.length == 0 ? 400 : Integer.parseInt(arguments[0]);
        Path repository = Files.createTempDirectory("metrics-cost");
        TestServers.place(repository, "m", MODEL);
        try (NereidServer on = start(repository);
                NereidServer off =
                        start(
                                repository,
                                "--allow-metrics=false",
                                "--metrics-config=histograms=false")) {
            run(on, off, 50);
            List<List<Round>> rounds = run(on, off, pairs);
            report(System.out, rounds.get(0), rounds.get(1));
        }
    }

    private static NereidServer start(Path repository, String... more) {
        List<String> flags = new ArrayList<>();
        flags.addAll(List.of("--model-repository=" + repository, "--http-port=0", "--grpc-port=0"));
        flags.addAll(List.of(more));
        try {
            return NereidServer.start(TestServers.commandLine(Map.of(), flags));
        } catch (StatusException e) {
            throw new IllegalStateException("the server does not start", e);
        }
    }

    /** Rounds of the one and of the other server; who is first in a pair changes. */
    private static List<List<Round>> run(NereidServer on, NereidServer off, int pairs) {
        List<Round> with = new ArrayList<>();
        List<Round> without = new ArrayList<>();
        for (int i = 0; i < pairs; i++) {
            if (i % 2 == 0) {
                with.add(round(on.httpPort()));
                without.add(round(off.httpPort()));
            } else {
                without.add(round(off.httpPort()));
                with.add(round(on.httpPort()));
            }
        }
        return List.of(with, without);
    }

    private static Round round(int port) {
        long[] answers = new long[CONNECTIONS];
        long cpu = cpuNanos();
        long start = System.nanoTime();
        List<Thread> clients = new ArrayList<>();
        for (int i = 0; i < CONNECTIONS; i++) {
            int client = i;
            clients.add(Thread.ofPlatform().start(() -> answers[client] = ask(port, start)));
        }
        clients.forEach(MetricsCost::join);
        long count = Arrays.stream(answers).sum();
        double seconds = (double) (System.nanoTime() - start) / TimeUnit.SECONDS.toNanos(1);
        return new Round(count / seconds, (cpuNanos() - cpu) / 1e3 / count);
    }

    private static void join(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static long cpuNanos() {
        if (ManagementFactory.getOperatingSystemMXBean()
                instanceof com.sun.management.OperatingSystemMXBean system) {
            return system.getProcessCpuTime();
        }
        throw new IllegalStateException("this machine does not tell the processor's time");
    }

    /** Asks until the round is over; every answer has the length of the first. */
    private static long ask(int port, long start) {
        byte[] request = request();
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setTcpNoDelay(true);
            OutputStream out = socket.getOutputStream();
            InputStream in = new BufferedInputStream(socket.getInputStream());
            out.write(request);
            int length = readFirst(in);
            long count = 1;
            while (System.nanoTime() - start < ROUND_NANOS) {
                out.write(request);
                in.skipNBytes(length);
                count++;
            }
            return count;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static byte[] request() {
        byte[] head =
                ("POST /v2/models/m/infer HTTP/1.1\r\nHost: m\r\nInference-Header-Content-Length: "
                                + HEADER.length()
                                + "\r\nContent-Length: "
                                + (HEADER.length() + 64)
                                + "\r\n\r\n"
                                + HEADER)
                        .getBytes(StandardCharsets.US_ASCII);
        return Arrays.copyOf(head, head.length + 64);
    }

    /** Reads an answer, and tells how long it is. */
    private static int readFirst(InputStream in) throws IOException {
        StringBuilder head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            head.append((char) in.read());
        }
        if (!head.toString().startsWith("HTTP/1.1 200")) {
            throw new IOException(head.toString());
        }
        int body =
                head.toString()
                        .lines()
                        .filter(line -> line.toLowerCase(Locale.ROOT).startsWith("content-length:"))
                        .mapToInt(line -> Integer.parseInt(line.split(":")[1].trim()))
                        .findFirst()
                        .orElseThrow();
        in.skipNBytes(body);
        return head.length() + body;
    }

    /** The upper quartile is of rounds that other programs disturbed least. */
    private static void report(PrintStream out, List<Round> with, List<Round> without) {
        for (double share : new double[] {0.5, 0.75}) {
            out.printf(
                    "requests/s, share %.2f of rounds below: with %.0f, without %.0f, ratio %.4f%n",
                    share,
                    quantile(share, with, Round::perSecond),
                    quantile(share, without, Round::perSecond),
                    quantile(share, with, Round::perSecond)
                            / quantile(share, without, Round::perSecond));
        }
        for (double share : new double[] {0.5, 0.25}) {
            out.printf(
                    "processor's us a request, share %.2f below: with %.2f, without %.2f%n",
                    share,
                    quantile(share, with, Round::cpuMicros),
                    quantile(share, without, Round::cpuMicros));
        }
    }

    private static double quantile(
            double share, List<Round> rounds, ToDoubleFunction<Round> value) {
        double[] sorted = rounds.stream().mapToDouble(value).sorted().toArray();
        return sorted[(int) (share * (sorted.length - 1))];
    }
}
