package io.nereid.server.training;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * One connection that speaks as much HTTP/1.1 as the server's answers need. Every class that a
 * training run uses is loaded at each later start, so it does without a client library. Used by one
 * thread; owns its socket.
 */
final class PlainHttp implements AutoCloseable {
    private static final int LIMIT_MILLIS = 10_000;
    private static final String LENGTH = "content-length:";

    private final Socket socket;
    private final InputStream in;

    private PlainHttp(Socket socket) throws IOException {
        this.socket = socket;
        this.in = new BufferedInputStream(socket.getInputStream());
    }

    static PlainHttp open(int port) throws IOException {
        return new PlainHttp(connect(port));
    }

    /** A connection to this machine whose answers are waited for not for ever. */
    static Socket connect(int port) throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setSoTimeout(LIMIT_MILLIS);
        socket.setTcpNoDelay(true);
        return socket;
    }

    /** Asks for a page and reads the answer. */
    void get(String path) throws IOException {
        send("GET " + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n", new byte[0]);
    }

    /**
     * Sends a body and reads the answer.
     *
     * @param jsonLength bytes of JSON at the beginning of a binary body; 0 for nothing but JSON
     */
    void post(String path, byte[] body, int jsonLength) throws IOException {
        String lengths = "Content-Length: " + body.length + "\r\n";
        if (jsonLength > 0) {
            lengths += "Inference-Header-Content-Length: " + jsonLength + "\r\n";
        }
        send("POST " + path + " HTTP/1.1\r\nHost: localhost\r\n" + lengths + "\r\n", body);
    }

    private void send(String head, byte[] body) throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream(head.length() + body.length);
        all.writeBytes(head.getBytes(StandardCharsets.US_ASCII));
        all.writeBytes(body);
        all.writeTo(socket.getOutputStream());
        String status = line();
        int length = 0;
        for (String field = line(); !field.isEmpty(); field = line()) {
            if (field.toLowerCase(Locale.ROOT).startsWith(LENGTH)) {
                length = Integer.parseInt(field.substring(LENGTH.length()).strip());
            }
        }
        in.skipNBytes(length);
        if (!status.startsWith("HTTP/1.1 200")) {
            throw new IOException(head.lines().findFirst().orElse("") + " answered " + status);
        }
    }

    private String line() throws IOException {
        StringBuilder line = new StringBuilder();
        for (int next = in.read(); next != '\n'; next = in.read()) {
            if (next < 0) {
                throw new EOFException("the server has closed the connection");
            }
            line.append((char) next);
        }
        return line.toString().strip();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
