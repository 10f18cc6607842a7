package io.nereid.benchmarks;

import io.nereid.benchmarks.load.Load;
import io.nereid.benchmarks.load.LoadGenerators;
import io.nereid.benchmarks.load.Programs;
import io.nereid.benchmarks.load.RunningProcess;
import io.nereid.benchmarks.models.Requests;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/** Another server over HTTP. */
final class HttpSubject implements Subject {
    private static final long PATIENCE = TimeUnit.MINUTES.toNanos(1);

    private final RunningProcess process;
    private final int port;
    private final LoadGenerators load;
    private final UnaryOperator<Requests> request;
    private final Function<Requests, String> path;

    private HttpSubject(
            RunningProcess process,
            int port,
            LoadGenerators load,
            UnaryOperator<Requests> request,
            Function<Requests, String> path) {
        this.process = process;
        this.port = port;
        this.load = load;
        this.request = request;
        this.path = path;
    }

    /**
     * Starts it and waits until it listens.
     *
     * @param command the program on a port
     * @param request what it is sent in place of a row's request
     * @param path where that is sent to
     */
    static HttpSubject start(
            Function<Integer, List<String>> command,
            Path log,
            LoadGenerators load,
            UnaryOperator<Requests> request,
            Function<Requests, String> path)
            throws IOException {
        int port = Programs.freePort();
        RunningProcess process = RunningProcess.start(command.apply(port), Map.of(), log);
        HttpSubject subject = new HttpSubject(process, port, load, request, path);
        boolean listening = false;
        try {
            subject.awaitListening();
            listening = true;
        } finally {
            if (!listening) {
                subject.close();
            }
        }
        return subject;
    }

    @Override
    public Cell measure(Row row, int seconds) throws IOException {
        long cpu = process.cpuMicros();
        Requests sent = request.apply(row.request());
        Load seen = load.http(port, path.apply(row.request()), sent, row.clients(), seconds);
        return Cell.of(seen.checked(row.name()), process.cpuMicros() - cpu);
    }

    private void awaitListening() throws IOException {
        long end = process.startNanos() + PATIENCE;
        while (!isListening()) {
            if (!process.isAlive() || System.nanoTime() - end > 0) {
                throw new IOException(
                        "a program does not listen on its port; see benchmarks/target/programs.log");
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
        }
    }

    private boolean isListening() {
        try (Socket _ = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return true;
        } catch (IOException e) {
            // Not yet.
            return false;
        }
    }

    @Override
    public void close() {
        process.close();
    }
}
