package io.nereid.server.netty;

import io.nereid.protocol.CopyMeter;
import io.nereid.protocol.Owned;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.TensorBuffer;
import io.nereid.protocol.http.EncodedResponse;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufOutputStream;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * An answer in the form in which it is sent. Its body is written from the memory that it owns, and
 * that memory is given back when the last byte has been written. Used by one thread at a time.
 */
public final class HttpReply implements PendingReply, AutoCloseable {
    private static final String TEXT = "text/plain";
    private static final String JSON = "application/json";

    /** Views of native memory are cut at this size, since a byte buffer counts in int. */
    private static final long LARGEST_VIEW = 1 << 30;

    private static final int PIECE = 16 << 10;

    private final int status;
    private final Map<String, String> headers;
    private final List<ByteBuf> body;
    private final long contentLength;
    private final Runnable release;

    private HttpReply(
            int status, Map<String, String> headers, List<ByteBuf> body, Runnable release) {
        this.status = status;
        this.headers = headers;
        this.body = body;
        this.contentLength = sizeOf(body);
        this.release = release;
    }

    private static long sizeOf(List<ByteBuf> body) {
        long size = 0;
        for (ByteBuf part : body) {
            size += part.readableBytes();
        }
        return size;
    }

    /** An answer without body. */
    public static HttpReply empty(int status) {
        return of(status, TEXT, new byte[0]);
    }

    /** A JSON answer with status 200. */
    public static HttpReply json(byte[] json) {
        return of(200, JSON, json);
    }

    /** The error of that status and text (HTTP protocol section 3). */
    public static HttpReply error(int status, String text) {
        return of(status, JSON, JsonText.error(text));
    }

    /** What a client is told about a failure (HTTP protocol section 3). */
    public static HttpReply error(StatusException failure) {
        return error(failure.code().httpStatus(), failure);
    }

    /** The same with another status, and with the time to wait if the failure names one. */
    public static HttpReply error(int status, StatusException failure) {
        HttpReply reply = error(status, failure.text());
        return failure.retryAfterSeconds().isPresent()
                ? reply.with(
                        "Retry-After", Integer.toString(failure.retryAfterSeconds().getAsInt()))
                : reply;
    }

    /**
     * An answer with status 200 that is written from the encoder's memory.
     *
     * @param headers with the content type
     */
    public static @Owned HttpReply encoded(
            Map<String, String> headers, @Owned EncodedResponse response) {
        List<ByteBuf> body = new ArrayList<>();
        addViews(response.json(), body);
        response.binary().forEach(part -> addViews(part, body));
        return new HttpReply(200, headers, body, response::close);
    }

    /** As {@link #encoded}; a small body is copied, and the encoder's memory free then. */
    static @Owned HttpReply encoded(
            Map<String, String> headers, @Owned EncodedResponse response, CopyMeter copies) {
        long size = response.contentLength();
        if (size > Transport.SMALL_BYTES) {
            return encoded(headers, response);
        }
        byte[] body = new byte[(int) size];
        try (response) {
            int end = copy(response.json(), body, 0);
            for (TensorBuffer part : response.binary()) {
                end = copy(part, body, end);
            }
        }
        copies.count(CopyMeter.Site.SEND, size);
        return of(200, headers, body);
    }

    /** Where the next part goes. */
    private static int copy(TensorBuffer part, byte[] body, int at) {
        int size = (int) part.byteSize();
        MemorySegment.copy(part.segment(), ValueLayout.JAVA_BYTE, 0, body, at, size);
        return at + size;
    }

    /**
     * As {@link #encoded}, compressed as a whole. The encoder's memory is free when this returns.
     */
    static @Owned HttpReply compressed(
            Map<String, String> headers, @Owned EncodedResponse response, ContentCoding coding) {
        ByteBuf body = Unpooled.buffer();
        try (response;
                OutputStream out = coding.compressing(new ByteBufOutputStream(body))) {
            write(response.json(), out);
            for (TensorBuffer part : response.binary()) {
                write(part, out);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("writing to memory failed", e);
        }
        Map<String, String> all = new LinkedHashMap<>(headers);
        all.put("Content-Encoding", coding.token());
        return new HttpReply(200, all, List.of(body), () -> {});
    }

    private static void write(TensorBuffer part, OutputStream out) throws IOException {
        MemorySegment segment = part.segment();
        byte[] piece = new byte[(int) Math.min(PIECE, segment.byteSize())];
        for (long offset = 0; offset < segment.byteSize(); offset += piece.length) {
            int size = (int) Math.min(piece.length, segment.byteSize() - offset);
            MemorySegment.copy(segment, ValueLayout.JAVA_BYTE, offset, piece, 0, size);
            out.write(piece, 0, size);
        }
    }

    /** The same answer with one more header. */
    HttpReply with(String name, String value) {
        Map<String, String> all = new LinkedHashMap<>(headers);
        all.put(name, value);
        return new HttpReply(status, all, body, release);
    }

    private static HttpReply of(int status, String contentType, byte[] body) {
        return of(status, Map.of("Content-Type", contentType), body);
    }

    /**
     * An answer with these bytes.
     *
     * @param headers with the content type
     */
    public static HttpReply of(int status, Map<String, String> headers, byte[] body) {
        return new HttpReply(
                status,
                headers,
                body.length == 0 ? List.of() : List.of(Unpooled.wrappedBuffer(body)),
                () -> {});
    }

    private static void addViews(TensorBuffer part, List<ByteBuf> body) {
        MemorySegment segment = part.segment();
        for (long offset = 0; offset < segment.byteSize(); offset += LARGEST_VIEW) {
            long size = Math.min(LARGEST_VIEW, segment.byteSize() - offset);
            body.add(Unpooled.wrappedBuffer(segment.asSlice(offset, size).asByteBuffer()));
        }
    }

    /** HTTP status. */
    public int status() {
        return status;
    }

    /** Headers other than those of the connection. */
    Map<String, String> headers() {
        return headers;
    }

    /** The body in parts; handed to the channel, which releases them before {@link #close}. */
    List<ByteBuf> body() {
        return body;
    }

    /** Size of the body in bytes. */
    long contentLength() {
        return contentLength;
    }

    @Override
    public @Owned HttpReply encode() {
        return this;
    }

    @Override
    public void discard() {
        body.forEach(ByteBuf::release);
        close();
    }

    /** Gives the memory of the body back. */
    @Override
    public void close() {
        release.run();
    }
}
