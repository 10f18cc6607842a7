package io.nereid.server.netty;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** A client that sends exactly the bytes it is told to. */
public final class RawClient implements Closeable {
    private static final int PATIENCE_MILLIS = 30_000;

    /**
     * What came back.
     *
     * @param headers names in lower case
     * @param body as Latin-1
     */
    public record Reply(String statusLine, Map<String, String> headers, String body) {
        public int status() {
            return Integer.parseInt(
                    statusLine.substring("HTTP/1.1 ".length(), "HTTP/1.1 200".length()));
        }

        public String header(String name) {
            return headers.getOrDefault(name.toLowerCase(Locale.ROOT), "");
        }
    }

    private final Socket socket;
    private final InputStream in;

    public RawClient(int port) throws IOException {
        socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setSoTimeout(PATIENCE_MILLIS);
        socket.setTcpNoDelay(true);
        in = new BufferedInputStream(socket.getInputStream());
    }

    /** Sends text; each character is one byte. */
    public RawClient send(String text) throws IOException {
        return send(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    public RawClient send(byte[] bytes) throws IOException {
        socket.getOutputStream().write(bytes);
        return this;
    }

    /** A request line with {@code Host} and the given header lines, and no body. */
    public RawClient request(String line, String... headers) throws IOException {
        StringBuilder head = new StringBuilder(line).append("\r\nHost: localhost\r\n");
        for (String header : headers) {
            head.append(header).append("\r\n");
        }
        return send(head.append("\r\n").toString());
    }

    /** The next reply, with its body; chunks are joined. */
    public Reply read() throws IOException {
        Reply head = readHead();
        if (head.header("Transfer-Encoding").equals("chunked")) {
            StringBuilder body = new StringBuilder();
            for (String chunk = readChunk(); !chunk.isEmpty(); chunk = readChunk()) {
                body.append(chunk);
            }
            return new Reply(head.statusLine(), head.headers(), body.toString());
        }
        int length = Integer.parseInt(head.headers().getOrDefault("content-length", "0"));
        byte[] body = in.readNBytes(length);
        if (body.length < length) {
            throw new EOFException("connection closed after " + body.length + " of " + length);
        }
        return new Reply(
                head.statusLine(), head.headers(), new String(body, StandardCharsets.ISO_8859_1));
    }

    /** The head of the next reply; its body is left to be read. */
    public Reply readHead() throws IOException {
        String statusLine = readLine();
        Map<String, String> headers = new TreeMap<>();
        for (String line = readLine(); !line.isEmpty(); line = readLine()) {
            int colon = line.indexOf(':');
            headers.put(
                    line.substring(0, colon).toLowerCase(Locale.ROOT),
                    line.substring(colon + 1).strip());
        }
        return new Reply(statusLine, headers, "");
    }

    /** The next chunk of a body, as Latin-1; empty for the last one. */
    public String readChunk() throws IOException {
        byte[] chunk = in.readNBytes(Integer.parseInt(readLine(), 16));
        if (!readLine().isEmpty()) {
            throw new IOException("no line end after a chunk of " + chunk.length + " bytes");
        }
        return new String(chunk, StandardCharsets.ISO_8859_1);
    }

    public byte[] readBytes(int count) throws IOException {
        return in.readNBytes(count);
    }

    private String readLine() throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int b = in.read(); b != '\n'; b = in.read()) {
            if (b < 0) {
                throw new EOFException("connection closed after '" + line + "'");
            }
            line.write(b);
        }
        return line.toString(StandardCharsets.ISO_8859_1).stripTrailing();
    }

    /** Whether the server has neither closed the connection nor sent what nobody asked for. */
    public boolean isStillOpen() throws IOException {
        socket.setSoTimeout(1);
        try {
            // its end, or an answer to no question
            var _ = in.read();
            return false;
        } catch (SocketTimeoutException nothing) {
            return true;
        } catch (SocketException reset) {
            return false;
        } finally {
            if (!socket.isClosed()) {
                socket.setSoTimeout(PATIENCE_MILLIS);
            }
        }
    }

    /** Whether the server has closed the connection without sending more. Waits for it. */
    public boolean isClosed() {
        try {
            return in.read() < 0;
        } catch (IOException e) {
            return e.getMessage() != null && e.getMessage().contains("reset");
        }
    }

    /** Whether the server has closed the connection, whatever it has sent. Waits for it. */
    public boolean isClosedAtLast() {
        try {
            return in.skip(Long.MAX_VALUE) >= 0 && in.read() < 0;
        } catch (IOException e) {
            return e.getMessage() != null && e.getMessage().contains("reset");
        }
    }

    /** Sends no more, but goes on reading. */
    public RawClient endOfInput() throws IOException {
        socket.shutdownOutput();
        return this;
    }

    /** Closes so that the peer gets a reset at once. */
    public void reset() throws IOException {
        socket.setSoLinger(true, 0);
        socket.close();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
