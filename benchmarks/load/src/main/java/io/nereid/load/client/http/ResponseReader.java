package io.nereid.load.client.http;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * Finds the end of an HTTP/1.1 answer in the bytes of a connection. Keeps status and the beginning
 * of the body of a refusal; the rest is passed over. Used by one thread.
 */
final class ResponseReader {
    /** Longest line of a head. */
    private static final int MAX_LINE = 16 * 1024;

    /** How much of a refusal is kept. */
    private static final int MAX_TEXT = 2048;

    private static final int OK = 200;
    private static final int HEX = 16;
    private static final int STATUS_START = "HTTP/1.1 ".length();
    private static final int STATUS_END = STATUS_START + 3;
    private static final int FIRST_FINAL_STATUS = 200;

    private enum State {
        STATUS_LINE,
        HEADERS,
        BODY,
        CHUNK_SIZE,
        CHUNK,
        CHUNK_END,
        TRAILERS
    }

    private final byte[] line = new byte[MAX_LINE];
    private final byte[] text = new byte[MAX_TEXT];
    private State state = State.STATUS_LINE;
    private int lineLength;
    private int textLength;
    private int status;
    private long remaining;
    private boolean chunked;
    private boolean lengthKnown;
    private boolean closes;

    /**
     * Takes bytes up to the end of an answer.
     *
     * @return whether the answer is complete
     * @throws IllegalArgumentException if the bytes are no HTTP
     */
    boolean read(ByteBuf in) {
        while (in.isReadable()) {
            if (state == State.BODY || state == State.CHUNK) {
                takeBody(in);
                if (remaining == 0 && endOfPart()) {
                    return true;
                }
            } else if (takeLine(in) && endOfLine()) {
                return true;
            }
        }
        return false;
    }

    /** Whether the answer is a success. */
    boolean succeeded() {
        return status == OK;
    }

    /** Status and beginning of the body. */
    String describe() {
        String body = ErrorBody.text(new String(text, 0, textLength, StandardCharsets.UTF_8));
        return "status " + status + (body.isEmpty() ? "" : ": " + body);
    }

    /** Whether the server will close the connection. */
    boolean closes() {
        return closes;
    }

    private void takeBody(ByteBuf in) {
        int count = (int) Math.min(in.readableBytes(), remaining);
        if (status == OK) {
            in.skipBytes(count);
        } else {
            int kept = Math.min(count, MAX_TEXT - textLength);
            in.readBytes(text, textLength, kept);
            in.skipBytes(count - kept);
            textLength += kept;
        }
        remaining -= count;
    }

    private boolean takeLine(ByteBuf in) {
        int length = in.bytesBefore((byte) '\n');
        int count = length < 0 ? in.readableBytes() : length;
        if (lineLength + count > MAX_LINE) {
            throw new IllegalArgumentException("a line of the answer's head is too long");
        }
        in.readBytes(line, lineLength, count);
        lineLength += count;
        if (length < 0) {
            return false;
        }
        in.skipBytes(1);
        if (lineLength > 0 && line[lineLength - 1] == '\r') {
            lineLength--;
        }
        return true;
    }

    /** Whether the answer ends here. */
    private boolean endOfPart() {
        if (state == State.CHUNK) {
            state = State.CHUNK_END;
            return false;
        }
        return end();
    }

    private boolean endOfLine() {
        boolean ends = false;
        switch (state) {
            case STATUS_LINE -> statusLine();
            case HEADERS -> ends = header();
            case CHUNK_SIZE -> chunkSize();
            case CHUNK_END -> state = State.CHUNK_SIZE;
            case TRAILERS -> ends = lineLength == 0 && end();
            case BODY, CHUNK -> throw new IllegalStateException("a line within a body");
        }
        lineLength = 0;
        return ends;
    }

    private void statusLine() {
        if (lineLength < STATUS_END || line[0] != 'H') {
            throw new IllegalArgumentException("the answer is not HTTP");
        }
        status = Integer.parseInt(lineText(STATUS_START, STATUS_END));
        chunked = false;
        lengthKnown = false;
        closes = false;
        remaining = 0;
        textLength = 0;
        state = State.HEADERS;
    }

    private boolean header() {
        if (lineLength == 0) {
            return endOfHead();
        }
        // Only these three matter; their first letters are enough to pass over all others.
        switch (line[0]) {
            case 'c', 'C', 't', 'T' -> keepHeader();
            default -> {}
        }
        return false;
    }

    private void keepHeader() {
        String header = lineText(0, lineLength).toLowerCase(Locale.ROOT);
        int colon = header.indexOf(':');
        String name = colon < 0 ? header : header.substring(0, colon);
        String value = header.substring(colon + 1).strip();
        switch (name) {
            case "content-length" -> {
                remaining = Long.parseLong(value);
                lengthKnown = true;
            }
            case "transfer-encoding" -> chunked = value.endsWith("chunked");
            case "connection" -> closes = value.equals("close");
            default -> {}
        }
    }

    private boolean endOfHead() {
        if (status < FIRST_FINAL_STATUS) {
            state = State.STATUS_LINE;
            return false;
        }
        if (chunked) {
            state = State.CHUNK_SIZE;
            return false;
        }
        if (!lengthKnown) {
            throw new IllegalArgumentException("the answer does not say how long it is");
        }
        if (remaining == 0) {
            return end();
        }
        state = State.BODY;
        return false;
    }

    private void chunkSize() {
        String size = lineText(0, lineLength);
        int extension = size.indexOf(';');
        remaining =
                Long.parseLong((extension < 0 ? size : size.substring(0, extension)).strip(), HEX);
        state = remaining == 0 ? State.TRAILERS : State.CHUNK;
    }

    private boolean end() {
        state = State.STATUS_LINE;
        return true;
    }

    private String lineText(int from, int to) {
        return new String(line, from, to - from, StandardCharsets.ISO_8859_1);
    }
}
