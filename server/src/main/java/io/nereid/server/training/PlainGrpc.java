package io.nereid.server.training;

import com.google.protobuf.ByteString;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/**
 * One connection that speaks as much HTTP/2 (RFC 9113) as short unary gRPC calls need, one after
 * another: header fields as literals, a message in one frame, an answer recognized by its frames.
 * It has no client library for the reason that {@link PlainHttp} tells, and it counts no windows:
 * its calls are far smaller than the room that the server opens again after each. Used by one
 * thread; owns its socket.
 */
final class PlainGrpc implements AutoCloseable {
    private static final String PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
    private static final int DATA = 0;
    private static final int HEADERS = 1;
    private static final int RESET = 3;
    private static final int SETTINGS = 4;
    private static final int PING = 6;
    private static final int GO_AWAY = 7;
    private static final int WINDOW_UPDATE = 8;
    private static final int END_OF_STREAM = 1;
    private static final int END_OF_HEADERS = 4;
    private static final int ACKNOWLEDGED = 1;
    private static final int MESSAGE_PREFIX = 5;

    /** Room for the answers of a whole run. */
    private static final int ROOM = 1 << 30;

    private record Frame(int type, int flags, int stream, ByteString payload) {
        boolean has(int flag) {
            return (flags & flag) != 0;
        }
    }

    private final Socket socket;
    private final DataInputStream in;
    private final ByteArrayOutputStream unsent = new ByteArrayOutputStream();
    private final DataOutputStream out = new DataOutputStream(unsent);
    private int stream = -1;

    private PlainGrpc(Socket socket) throws IOException {
        this.socket = socket;
        this.in = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
    }

    static PlainGrpc open(int port) throws IOException {
        PlainGrpc opened = new PlainGrpc(PlainHttp.connect(port));
        opened.out.writeBytes(PREFACE);
        opened.frame(SETTINGS, 0, 0, 0);
        opened.frame(WINDOW_UPDATE, 0, 0, Integer.BYTES);
        opened.out.writeInt(ROOM);
        opened.flush();
        return opened;
    }

    /**
     * Calls a method and waits until the server has ended the call.
     *
     * @throws IOException if no message comes back
     */
    void call(String path, byte[] message) throws IOException {
        stream += 2;
        byte[] fields = fields(path);
        frame(HEADERS, END_OF_HEADERS, stream, fields.length);
        out.write(fields);
        frame(DATA, END_OF_STREAM, stream, MESSAGE_PREFIX + message.length);
        out.writeByte(0);
        out.writeInt(message.length);
        out.write(message);
        flush();
        boolean answered = false;
        boolean ended = false;
        while (!ended) {
            Frame frame = next();
            boolean ours = frame.stream() == stream;
            answered |= ours && frame.type() == DATA && frame.payload().size() >= MESSAGE_PREFIX;
            ended = ours && frame.has(END_OF_STREAM);
            if (frame.type() == GO_AWAY || (ours && frame.type() == RESET)) {
                throw new IOException(path + " was broken off");
            }
        }
        if (!answered) {
            throw new IOException(path + " was answered with an error");
        }
    }

    /** The next frame; what the connection itself wants is answered. */
    private Frame next() throws IOException {
        int lengthAndType = in.readInt();
        int flags = in.readUnsignedByte();
        int of = in.readInt();
        Frame frame =
                new Frame(
                        lengthAndType & 0xFF,
                        flags,
                        of,
                        ByteString.copyFrom(in.readNBytes(lengthAndType >>> 8)));
        boolean asks = frame.type() == SETTINGS || frame.type() == PING;
        if (asks && !frame.has(ACKNOWLEDGED)) {
            ByteString echo = frame.type() == PING ? frame.payload() : ByteString.EMPTY;
            frame(frame.type(), ACKNOWLEDGED, 0, echo.size());
            echo.writeTo(out);
            flush();
        }
        return frame;
    }

    private void frame(int type, int flags, int of, int length) throws IOException {
        out.writeInt(length << 8 | type);
        out.writeByte(flags);
        out.writeInt(of);
    }

    private void flush() throws IOException {
        unsent.writeTo(socket.getOutputStream());
        unsent.reset();
    }

    private static byte[] fields(String path) {
        ByteArrayOutputStream fields = new ByteArrayOutputStream();
        field(fields, ":method", "POST");
        field(fields, ":scheme", "http");
        field(fields, ":path", path);
        field(fields, ":authority", "localhost");
        field(fields, "content-type", "application/grpc");
        field(fields, "te", "trailers");
        return fields.toByteArray();
    }

    /** A literal that nobody remembers (RFC 7541, 6.2.2); all are shorter than 127 bytes. */
    private static void field(ByteArrayOutputStream fields, String name, String value) {
        fields.write(0);
        text(fields, name);
        text(fields, value);
    }

    private static void text(ByteArrayOutputStream fields, String text) {
        fields.write(text.length());
        fields.writeBytes(text.getBytes(StandardCharsets.US_ASCII));
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
