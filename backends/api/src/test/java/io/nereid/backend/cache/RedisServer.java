package io.nereid.backend.cache;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

/**
 * A real Redis server on a free port of loopback, which keeps nothing on disk. Where none is
 * installed, the test that starts one is left out; under continuous integration it fails.
 */
public final class RedisServer implements AutoCloseable {
    private static final String PROGRAM = "redis-server";
    private static final long LIMIT_SECONDS = 30;

    private final List<String> command;
    private final int port;
    private final boolean plain;
    private Process process;

    private RedisServer(List<String> command, int port, boolean plain) {
        this.command = command;
        this.port = port;
        this.plain = plain;
        this.process = run();
    }

    /**
     * Starts a server.
     *
     * @param directory an empty directory for it
     * @param settings further arguments of {@code redis-server}
     */
    public static RedisServer start(Path directory, String... settings) {
        requireInstalled();
        int port = freePort();
        boolean plain = !List.of(settings).contains("--tls-port");
        List<String> command =
                new ArrayList<>(
                        List.of(PROGRAM, "--bind", "127.0.0.1", "--dir", directory.toString()));
        command.addAll(List.of("--save", "", "--appendonly", "no"));
        command.addAll(List.of("--port", plain ? Integer.toString(port) : "0"));
        for (String setting : settings) {
            command.add(setting.equals("PORT") ? Integer.toString(port) : setting);
        }
        return new RedisServer(command, port, plain);
    }

    private static void requireInstalled() {
        boolean installed =
                Stream.of(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator))
                        .anyMatch(folder -> Files.isExecutable(Path.of(folder, PROGRAM)));
        if (!installed && System.getenv("CI") != null) {
            throw new IllegalStateException(PROGRAM + " is not on the PATH; CI needs it");
        }
        Assumptions.assumeTrue(
                installed,
                () -> PROGRAM + " is not on the PATH; install it to test the cache in Redis");
    }

    private static int freePort() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Process run() {
        try {
            Process started = new ProcessBuilder(command).redirectErrorStream(true).start();
            awaitReady(started);
            Thread.ofVirtual().start(() -> drain(started));
            return started;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** It says when it takes connections. */
    private static void awaitReady(Process started) throws IOException {
        StringBuilder said = new StringBuilder();
        InputStream out = started.getInputStream();
        while (said.indexOf("Ready to accept connections") < 0) {
            int next = out.read();
            if (next < 0) {
                throw new IllegalStateException("redis-server does not start: " + said);
            }
            said.append((char) next);
        }
    }

    private static void drain(Process started) {
        try (InputStream out = started.getInputStream()) {
            out.skip(Long.MAX_VALUE);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Where it listens. */
    public int port() {
        return port;
    }

    /** What it answers to a command in one line, as {@code +OK}. */
    public String ask(String request) {
        if (!plain) {
            throw new IllegalStateException("only servers without TLS are asked");
        }
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            socket.getOutputStream().write((request + "\r\n").getBytes(StandardCharsets.UTF_8));
            StringBuilder line = new StringBuilder();
            for (int c = socket.getInputStream().read(); c >= 0 && c != '\r'; ) {
                line.append((char) c);
                c = socket.getInputStream().read();
            }
            return line.toString();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Ends it at once, as a crash would. */
    public void kill() {
        process.destroyForcibly();
        awaitEnd();
    }

    /** Starts it again on the same port, empty. */
    public void restart() {
        process = run();
    }

    /** Lets it hang: connections stay open, nothing is answered until {@link #proceed}. */
    public void hang() {
        signal("STOP");
    }

    /** Lets it go on. */
    public void proceed() {
        signal("CONT");
    }

    private void signal(String name) {
        try {
            int status =
                    new ProcessBuilder("kill", "-" + name, Long.toString(process.pid()))
                            .start()
                            .waitFor();
            if (status != 0) {
                throw new IllegalStateException("kill -" + name + " ended with " + status);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
    }

    private void awaitEnd() {
        try {
            if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
                throw new AssertionError("redis-server does not end");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
    }

    @Override
    public void close() {
        kill();
    }
}
