package io.nereid.server.main;

import ch.qos.logback.classic.LoggerContext;
import io.nereid.repository.PollOptions;
import io.nereid.server.ServerOptions;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.slf4j.LoggerFactory;

/** A server in a process of its own, whose memory nothing else uses, with a heap of fixed size. */
final class ServerProcess implements AutoCloseable {
    /**
     * Looks far more often than seconds allow, so that tests need not wait. An empty name stands
     * for no marker.
     */
    static final String FAST_POLLING = "--fast-polling-with-marker=";

    private static final String PORT = "PORT ";
    private static final int HEAP_MEGABYTES = 192;
    private static final Duration POLL = Duration.ofMillis(50);

    private final Process process;
    private final int port;

    private ServerProcess(Process process, int port) {
        this.process = process;
        this.port = port;
    }

    /** Starts a server with these flags and waits until it is ready. */
    static ServerProcess start(Path repository, String... flags) throws IOException {
        return start(repository, OutputStream.nullOutputStream(), flags);
    }

    /** The same; what the server logs is written to {@code log}, from a thread of its own. */
    static ServerProcess start(Path repository, OutputStream log, String... flags)
            throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(
                List.of(
                        "--enable-native-access=ALL-UNNAMED",
                        "-Djava.awt.headless=true",
                        "-XX:+UseSerialGC",
                        "-XX:+AlwaysPreTouch",
                        "-XX:TieredStopAtLevel=1",
                        "-Xms" + HEAP_MEGABYTES + "m",
                        "-Xmx" + HEAP_MEGABYTES + "m",
                        "-Dnereid.home=" + TestServers.home(),
                        "-cp",
                        System.getProperty("surefire.test.class.path", classPath()),
                        ServerProcess.class.getName(),
                        "--model-repository=" + repository));
        command.addAll(Arrays.asList(flags));
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT);
        // As the launcher does.
        builder.environment().put("MALLOC_ARENA_MAX", "2");
        Process process = builder.start();
        BufferedReader lines =
                new BufferedReader(
                        new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        PrintStream logged = new PrintStream(log, true, StandardCharsets.UTF_8);
        String line = lines.readLine();
        while (line != null && !line.startsWith(PORT)) {
            logged.println(line);
            line = lines.readLine();
        }
        if (line == null) {
            process.destroyForcibly();
            throw new IOException("the server has ended before it was ready");
        }
        Thread.ofVirtual().start(() -> lines.lines().forEach(logged::println));
        return new ServerProcess(process, Integer.parseInt(line.substring(PORT.length())));
    }

    private static String classPath() {
        return System.getProperty("java.class.path");
    }

    int port() {
        return port;
    }

    /** Resident size in bytes. */
    long resident() throws IOException {
        String status = Files.readString(Path.of("/proc", process.pid() + "", "status"));
        return status.lines()
                        .filter(line -> line.startsWith("VmRSS:"))
                        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                        .findFirst()
                        .orElseThrow()
                * 1024;
    }

    /** Number of files, sockets and pipes that it has open. */
    int openFiles() throws IOException {
        try (Stream<Path> open = Files.list(Path.of("/proc", process.pid() + "", "fd"))) {
            return (int) open.count();
        }
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** Ends it as a signal would; fails if it does not end well. */
    @Override
    public void close() throws IOException {
        try {
            process.getOutputStream().close();
            if (!process.waitFor(60, TimeUnit.SECONDS) || process.exitValue() != 0) {
                throw new IOException("the server did not end well");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        } finally {
            process.destroyForcibly();
        }
    }

    /** The process: serves until its input ends. */
    public static void main(String[] arguments) throws IOException {
        List<String> flags = new ArrayList<>(Arrays.asList(arguments));
        Optional<String> marker =
                flags.stream()
                        .filter(flag -> flag.startsWith(FAST_POLLING))
                        .map(flag -> flag.substring(FAST_POLLING.length()))
                        .findFirst();
        flags.removeIf(flag -> flag.startsWith(FAST_POLLING));
        flags.addAll(List.of("--http-address=127.0.0.1", "--http-port=0", "--allow-grpc=false"));
        ServerOptions options = TestServers.commandLine(Map.of(), flags);
        PrintStream log = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        RunningLog.start(
                (LoggerContext) LoggerFactory.getILoggerFactory(), LogSettings.DEFAULT, log, log);
        try (NereidServer server =
                NereidServer.start(marker.map(name -> polling(options, name)).orElse(options))) {
            System.out.println(PORT + server.httpPort());
            while (System.in.read() >= 0) {
                // Its end is the sign.
            }
        }
    }

    private static ServerOptions polling(ServerOptions options, String marker) {
        return TestServers.withPolling(
                options,
                new PollOptions(POLL, POLL, Optional.of(marker).filter(name -> !name.isEmpty())));
    }
}
