package io.nereid.benchmarks.load;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Nereid in a process of its own, started by the launcher of its distribution as a user starts it.
 * May be used from any thread.
 */
public final class NereidProcess implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final Pattern SUCCESSES =
            Pattern.compile("\"success\"\\s*:\\s*\\{\\s*\"count\"\\s*:\\s*\"?(\\d+)");

    private final RunningProcess process;
    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final int httpPort;
    private final int grpcPort;
    private final double secondsToReady;

    private NereidProcess(RunningProcess process, int httpPort, int grpcPort) throws IOException {
        this.process = process;
        this.httpPort = httpPort;
        this.grpcPort = grpcPort;
        awaitReady();
        this.secondsToReady = (System.nanoTime() - process.startNanos()) / 1e9;
    }

    /**
     * Starts it and waits until it is ready.
     *
     * @param home folder of the distribution
     * @param javaOptions in addition to the launcher's
     * @param log appended to
     * @param flags of the server, in addition to repository and ports
     */
    public static NereidProcess start(
            Path home, Path repository, String javaOptions, Path log, List<String> flags)
            throws IOException {
        int http = Programs.freePort();
        int grpc = Programs.freePort();
        List<String> command =
                new ArrayList<>(
                        List.of(
                                home.resolve("bin/nereid").toString(),
                                "serve",
                                "--model-repository=" + repository,
                                "--http-address=127.0.0.1",
                                "--http-port=" + http,
                                "--grpc-address=127.0.0.1",
                                "--grpc-port=" + grpc,
                                "--metrics-address=127.0.0.1",
                                "--metrics-port=" + Programs.freePort()));
        command.addAll(flags);
        RunningProcess process =
                RunningProcess.start(command, Map.of("NEREID_JAVA_OPTIONS", javaOptions), log);
        boolean ready = false;
        try {
            NereidProcess server = new NereidProcess(process, http, grpc);
            ready = true;
            return server;
        } finally {
            if (!ready) {
                process.close();
            }
        }
    }

    public RunningProcess process() {
        return process;
    }

    public int httpPort() {
        return httpPort;
    }

    public int grpcPort() {
        return grpcPort;
    }

    /** From the start of the process to the first answer that it is ready. */
    public double secondsToReady() {
        return secondsToReady;
    }

    /** Requests that the server has counted as answered well. */
    public long successes(String model) throws IOException {
        Matcher count = SUCCESSES.matcher(get("/v2/models/" + model + "/stats").body());
        return count.find() ? Long.parseLong(count.group(1)) : 0;
    }

    /** Sends a body; the answer whatever it is. */
    public HttpResponse<byte[]> post(String path, byte[] body, Map<String, String> headers)
            throws IOException {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(uri(path))
                        .POST(HttpRequest.BodyPublishers.ofByteArray(body));
        headers.forEach(request::header);
        return send(request, HttpResponse.BodyHandlers.ofByteArray());
    }

    private HttpResponse<String> get(String path) throws IOException {
        return send(HttpRequest.newBuilder(uri(path)), HttpResponse.BodyHandlers.ofString());
    }

    private <T> HttpResponse<T> send(
            HttpRequest.Builder request, HttpResponse.BodyHandler<T> handler) throws IOException {
        try {
            return client.send(request.timeout(PATIENCE).build(), handler);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        }
    }

    private void awaitReady() throws IOException {
        long end = process.startNanos() + PATIENCE.toNanos();
        while (!isReady()) {
            if (!process.isAlive() || System.nanoTime() - end > 0) {
                throw new IOException(
                        "the server did not become ready; see benchmarks/target/programs.log");
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(2));
        }
    }

    private boolean isReady() {
        // Asked cheaply at first, since what asks takes from the processors that start the server.
        try (Socket _ = new Socket(InetAddress.getLoopbackAddress(), httpPort)) {
            return get("/v2/health/ready").statusCode() == 200;
        } catch (IOException e) {
            // Nobody listens yet.
            return false;
        }
    }

    private URI uri(String path) {
        return URI.create("http://127.0.0.1:" + httpPort + path);
    }

    @Override
    public void close() {
        client.close();
        process.close();
    }
}
