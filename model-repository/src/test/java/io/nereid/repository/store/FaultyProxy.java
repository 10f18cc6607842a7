package io.nereid.repository.store;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Stands between a client and a real store on loopback: remembers requests and has some of their
 * answers go wrong. Heads go through as they came, so that signatures hold, but for one thing: each
 * connection carries one request.
 */
public final class FaultyProxy implements AutoCloseable {
    /** What happens to a request. */
    private sealed interface Fault {
        record Status(int code, String body) implements Fault {}

        record Silence() implements Fault {}

        record HalfBody(int bytes) implements Fault {}
    }

    private final ServerSocket socket;
    private final int upstream;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final List<String> requests = new CopyOnWriteArrayList<>();
    private final Deque<Fault> faults = new ArrayDeque<>();
    private final CountDownLatch closing = new CountDownLatch(1);

    /**
     * @param upstream port of the real store
     */
    public FaultyProxy(int upstream) throws IOException {
        this.upstream = upstream;
        this.socket = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        threads.execute(this::accept);
    }

    public int port() {
        return socket.getLocalPort();
    }

    /** Lines of the requests so far, such as {@code GET /bucket/key HTTP/1.1}. */
    public List<String> requests() {
        return List.copyOf(requests);
    }

    public void forgetRequests() {
        requests.clear();
    }

    /** Answers the next request with a status. */
    public FaultyProxy answering(int status, String body) {
        return add(new Fault.Status(status, body));
    }

    /** Does not answer the next request. */
    public FaultyProxy silent() {
        return add(new Fault.Silence());
    }

    /** Breaks the next answer off after so many bytes of its body. */
    public FaultyProxy breakingAfter(int bytes) {
        return add(new Fault.HalfBody(bytes));
    }

    private FaultyProxy add(Fault fault) {
        synchronized (faults) {
            faults.add(fault);
        }
        return this;
    }

    private void accept() {
        while (closing.getCount() > 0) {
            try {
                Socket client = socket.accept();
                threads.execute(() -> serve(client));
            } catch (SocketException closed) {
                return;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private void serve(Socket client) {
        try (client) {
            String head = head(client.getInputStream());
            if (head.isEmpty()) {
                return;
            }
            requests.add(head.substring(0, head.indexOf("\r\n")));
            Fault fault;
            synchronized (faults) {
                fault = faults.poll();
            }
            switch (fault) {
                case null -> forward(client, head, Long.MAX_VALUE);
                case Fault.HalfBody(int bytes) -> forward(client, head, bytes);
                case Fault.Status(int code, String body) -> answer(client, code, body);
                case Fault.Silence() -> closing.await();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException gone) {
            // The client went, which it does when an answer is not what it wants.
            requests.add("gone: " + gone.getMessage());
        }
    }

    /** A head, its end included; empty if there is none. */
    private static String head(InputStream in) throws IOException {
        ByteArrayOutputStream head = new ByteArrayOutputStream();
        while (!head.toString(StandardCharsets.ISO_8859_1).endsWith("\r\n\r\n")) {
            int next = in.read();
            if (next < 0) {
                return "";
            }
            head.write(next);
        }
        return head.toString(StandardCharsets.ISO_8859_1);
    }

    private void forward(Socket client, String head, long bodyBytes) throws IOException {
        try (Socket store = new Socket(InetAddress.getLoopbackAddress(), upstream)) {
            store.getOutputStream().write(latin(once(head)));
            OutputStream out = client.getOutputStream();
            InputStream in = store.getInputStream();
            out.write(latin(once(head(in))));
            byte[] buffer = new byte[1 << 16];
            long left = bodyBytes;
            while (left > 0) {
                int read = in.read(buffer, 0, (int) Math.min(buffer.length, left));
                if (read < 0) {
                    break;
                }
                out.write(buffer, 0, read);
                left -= read;
            }
        }
    }

    private static String once(String head) {
        int firstLine = head.indexOf("\r\n");
        return head.substring(0, firstLine)
                + "\r\nConnection: close"
                + head.substring(firstLine)
                        .replaceAll("(?i)\r\n(connection|upgrade|http2-settings):[^\r]*", "");
    }

    private static void answer(Socket client, int status, String body) throws IOException {
        client.getOutputStream()
                .write(
                        latin(
                                "HTTP/1.1 "
                                        + status
                                        + " Test\r\nConnection: close\r\nContent-Length: "
                                        + body.length()
                                        + "\r\n\r\n"
                                        + body));
    }

    private static byte[] latin(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    @Override
    public void close() throws IOException {
        closing.countDown();
        socket.close();
        threads.close();
    }
}
