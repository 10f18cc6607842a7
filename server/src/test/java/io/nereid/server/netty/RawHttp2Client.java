package io.nereid.server.netty;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.DefaultHttp2HeadersDecoder;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;

/** An HTTP/2 client with prior knowledge that sends exactly the frames it is told to. */
public final class RawHttp2Client {
    static final String PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
    public static final int DATA = 0;
    public static final int HEADERS = 1;
    public static final int RESET = 3;
    static final int SETTINGS = 4;
    static final int PING = 6;
    static final int GOAWAY = 7;
    public static final int WINDOW_UPDATE = 8;
    static final int END_STREAM = 1;
    static final int ACK = 1;
    static final int END_HEADERS = 4;

    private final RawClient client;
    private final DefaultHttp2HeadersDecoder decoder = new DefaultHttp2HeadersDecoder(true);

    /** A frame as it came; its payload as Latin-1. */
    public record Frame(int type, int flags, int stream, String payload) {
        boolean endsStream() {
            return (flags & END_STREAM) != 0;
        }

        /** The code of a reset. */
        int resetCode() {
            return payload.charAt(3);
        }

        /** The last stream that a farewell lets pass. */
        int lastStream() {
            return ByteBuffer.wrap(payload.getBytes(StandardCharsets.ISO_8859_1)).getInt();
        }

        /** The code of a farewell. */
        int goAwayCode() {
            return payload.charAt(7);
        }
    }

    /** Greets the server. */
    public RawHttp2Client(RawClient client) throws IOException {
        this.client = client;
        client.send(PREFACE);
        send(SETTINGS, 0, 0, new byte[0]);
    }

    public RawHttp2Client send(int type, int flags, int stream, byte[] payload) throws IOException {
        client.send(frame(type, flags, stream, payload));
        return this;
    }

    void sendRaw(byte[] frames) throws IOException {
        client.send(frames);
    }

    static byte[] frame(int type, int flags, int stream, byte[] payload) {
        return ByteBuffer.allocate(9 + payload.length)
                .put((byte) (payload.length >> 16))
                .putShort((short) payload.length)
                .put((byte) type)
                .put((byte) flags)
                .putInt(stream)
                .put(payload)
                .array();
    }

    /** Begins a request; headers are names and values in turn. */
    public RawHttp2Client head(
            int stream, boolean end, String method, String path, String... headers)
            throws IOException {
        return send(
                HEADERS,
                END_HEADERS | (end ? END_STREAM : 0),
                stream,
                block(requestHeaders(method, path, headers)));
    }

    private static String[] requestHeaders(String method, String path, String... headers) {
        String[] all = new String[8 + headers.length];
        System.arraycopy(
                new String[] {
                    ":method", method, ":scheme", "http", ":path", path, ":authority", "localhost"
                },
                0,
                all,
                0,
                8);
        System.arraycopy(headers, 0, all, 8, headers.length);
        return all;
    }

    /** Headers as literals that nobody has to remember. */
    public static byte[] block(String... headers) {
        ByteArrayOutputStream block = new ByteArrayOutputStream();
        for (int i = 0; i < headers.length; i += 2) {
            block.write(0);
            literal(block, headers[i]);
            literal(block, headers[i + 1]);
        }
        return block.toByteArray();
    }

    private static void literal(ByteArrayOutputStream block, String text) {
        int length = text.length();
        if (length < 127) {
            block.write(length);
        } else {
            block.write(127);
            int rest = length - 127;
            while (rest >= 128) {
                block.write((rest & 127) | 128);
                rest >>= 7;
            }
            block.write(rest);
        }
        block.writeBytes(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    public RawHttp2Client data(int stream, boolean end, String body) throws IOException {
        return send(DATA, end ? END_STREAM : 0, stream, body.getBytes(StandardCharsets.ISO_8859_1));
    }

    RawHttp2Client get(int stream, String path) throws IOException {
        return head(stream, true, "GET", path);
    }

    /** The next frame that is no housekeeping. */
    public Frame next() throws IOException {
        Frame frame = read();
        while (frame.type() == SETTINGS || frame.type() == WINDOW_UPDATE || frame.type() == PING) {
            frame = read();
        }
        return frame;
    }

    /** The next frame of that type; others are dropped. */
    public Frame next(int type) throws IOException {
        Frame frame = read();
        while (frame.type() != type) {
            frame = read();
        }
        return frame;
    }

    private Frame read() throws IOException {
        byte[] head = client.readBytes(9);
        if (head.length < 9) {
            throw new IOException("connection closed");
        }
        ByteBuffer fields = ByteBuffer.wrap(head);
        int length = ((fields.get() & 0xff) << 16) | (fields.getShort() & 0xffff);
        int type = fields.get();
        int flags = fields.get();
        int stream = fields.getInt();
        String payload = new String(client.readBytes(length), StandardCharsets.ISO_8859_1);
        return new Frame(type, flags, stream, payload);
    }

    /** The headers in a frame. */
    public Map<String, String> headers(Frame frame) throws Http2Exception {
        ByteBuf block =
                Unpooled.wrappedBuffer(frame.payload().getBytes(StandardCharsets.ISO_8859_1));
        Map<String, String> headers = new TreeMap<>();
        Http2Headers decoded = decoder.decodeHeaders(frame.stream(), block);
        decoded.forEach(each -> headers.put(each.getKey().toString(), each.getValue().toString()));
        return headers;
    }

    /** Reads until nothing is left. */
    boolean isClosed() throws IOException {
        try {
            while (true) {
                var _ = read();
            }
        } catch (IOException e) {
            return e.getMessage() != null && e.getMessage().matches(".*(closed|reset).*");
        }
    }
}
