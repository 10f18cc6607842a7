package io.nereid.server.main;

import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The server as its command line starts it, in a process of its own, on ports that are known. */
final class MainProcess implements AutoCloseable {
    private static final int PATIENCE_SECONDS = 60;

    private final Process process;

    private MainProcess(Process process) {
        this.process = process;
    }

    /** A port that was free a moment ago. */
    static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    /** Starts a server and waits until it is ready. */
    static MainProcess start(Path repository, int port, int grpcPort, String... flags)
            throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(
                List.of(
                        "--enable-native-access=ALL-UNNAMED",
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-Xmx192m",
                        "-Dnereid.home=" + TestServers.home(),
                        "-cp",
                        System.getProperty(
                                "surefire.test.class.path", System.getProperty("java.class.path")),
                        Main.class.getName(),
                        "serve",
                        "--model-repository=" + repository,
                        "--http-address=127.0.0.1",
                        "--http-port=" + port,
                        "--grpc-address=127.0.0.1",
                        "--grpc-port=" + grpcPort,
                        "--allow-metrics=false",
                        "--log-info=false"));
        command.addAll(Arrays.asList(flags));
        Process process =
                new ProcessBuilder(command)
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .redirectError(ProcessBuilder.Redirect.INHERIT)
                        .start();
        MainProcess started = new MainProcess(process);
        boolean ready = false;
        try {
            Watch.awaitTrue("start of the server", () -> isReady(port));
            ready = true;
            return started;
        } finally {
            if (!ready) {
                started.close();
            }
        }
    }

    /** What a prober would find. */
    static boolean isReady(int port) {
        try (TestClient client = new TestClient(port)) {
            return client.get("/v2/health/ready").statusCode() == 200;
        } catch (IOException notYet) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** Sends SIGTERM. */
    void terminate() {
        process.toHandle().destroy();
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** The exit code. */
    int awaitExit() throws InterruptedException {
        if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
            throw new AssertionError("the server does not end");
        }
        return process.exitValue();
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
