package io.nereid.server.conformance;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * Sends one HTTP/1.1 request exactly as it was recorded, on a connection of its own: no client
 * library sends malformed or unusual requests.
 */
final class Exchange {
    private static final int TIMEOUT_MILLIS = 30_000;

    /**
     * An answer.
     *
     * @param headers by lower-case name
     * @param body chunks joined
     */
    @SuppressWarnings("ArrayRecordComponent") // a value of a test, never compared
    record Reply(int status, Map<String, String> headers, byte[] body) {}

    private Exchange() {}

    static Reply send(int port, GoldenCase golden) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setSoTimeout(TIMEOUT_MILLIS);
            OutputStream out = socket.getOutputStream();
            out.write(head(golden).getBytes(StandardCharsets.ISO_8859_1));
            if (golden.chunkSizes().isEmpty()) {
                out.write(golden.requestBody());
            } else {
                out.write(chunked(golden.requestBody(), golden.chunkSizes()));
            }
            out.flush();
            return receive(socket.getInputStream(), golden.method().equals("HEAD"));
        }
    }

    private static String head(GoldenCase golden) {
        Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        headers.put("Host", "localhost");
        headers.putAll(golden.requestHeaders());
        boolean hasBody =
                golden.requestBody().length > 0
                        || golden.method().equals("POST")
                        || golden.method().equals("PUT");
        if (!golden.chunkSizes().isEmpty()) {
            headers.put("Transfer-Encoding", "chunked");
        } else if (hasBody && !golden.noContentLength()) {
            headers.putIfAbsent("Content-Length", String.valueOf(golden.requestBody().length));
        }
        StringBuilder head = new StringBuilder();
        head.append(golden.method()).append(' ').append(golden.path()).append(" HTTP/1.1\r\n");
        headers.forEach(
                (name, value) -> head.append(name).append(": ").append(value).append("\r\n"));
        return head.append("\r\n").toString();
    }

    private static byte[] chunked(byte[] body, List<Integer> sizes) {
        ByteArrayOutputStream chunks = new ByteArrayOutputStream();
        int offset = 0;
        for (int size : sizes) {
            chunks.writeBytes(
                    (Integer.toHexString(size) + "\r\n").getBytes(StandardCharsets.US_ASCII));
            chunks.write(body, offset, size);
            chunks.writeBytes(new byte[] {'\r', '\n'});
            offset += size;
        }
        chunks.writeBytes("0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        return chunks.toByteArray();
    }

    private static Reply receive(InputStream in, boolean headOnly) throws IOException {
        String statusLine = line(in);
        int status = Integer.parseInt(statusLine.split(" ")[1]);
        Map<String, String> headers = new TreeMap<>();
        for (String line = line(in); !line.isEmpty(); line = line(in)) {
            int colon = line.indexOf(':');
            headers.put(
                    line.substring(0, colon).trim().toLowerCase(Locale.ROOT),
                    line.substring(colon + 1).trim());
        }
        if (status == 100) {
            return receive(in, headOnly);
        }
        return new Reply(status, headers, headOnly ? new byte[0] : body(in, headers));
    }

    private static byte[] body(InputStream in, Map<String, String> headers) throws IOException {
        if ("chunked".equals(headers.get("transfer-encoding"))) {
            ByteArrayOutputStream body = new ByteArrayOutputStream();
            for (int size = chunkSize(in); size > 0; size = chunkSize(in)) {
                body.writeBytes(exactly(in, size));
                line(in);
            }
            return body.toByteArray();
        }
        String length = headers.get("content-length");
        return length == null ? in.readAllBytes() : exactly(in, Integer.parseInt(length));
    }

    private static int chunkSize(InputStream in) throws IOException {
        return Integer.parseInt(line(in).split(";")[0].trim(), 16);
    }

    private static byte[] exactly(InputStream in, int size) throws IOException {
        byte[] bytes = in.readNBytes(size);
        if (bytes.length < size) {
            throw new EOFException("body ends after " + bytes.length + " of " + size + " bytes");
        }
        return bytes;
    }

    private static String line(InputStream in) throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int b = in.read(); b != '\n'; b = in.read()) {
            if (b < 0) {
                throw new EOFException("connection closed, after: " + line);
            }
            if (b != '\r') {
                line.write(b);
            }
        }
        return line.toString(StandardCharsets.ISO_8859_1);
    }
}
