package io.nereid.server.netty;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Everything of a request that comes before its body. Immutable; used on the event loop.
 *
 * @param method as sent
 * @param path as sent, without query and fragment
 * @param headers as sent
 * @param contentLength announced length of the body in bytes; empty if there is no such header
 * @param chunked whether the body comes in chunks
 * @param version of the protocol, which the answer repeats
 * @param keepAlive whether the client wants to go on after the answer
 */
public record HttpHead(
        String method,
        String path,
        HttpHeaders headers,
        OptionalLong contentLength,
        boolean chunked,
        HttpVersion version,
        boolean keepAlive) {

    static HttpHead of(HttpRequest request) {
        boolean chunked = HttpUtil.isTransferEncodingChunked(request);
        long length = chunked ? -1 : HttpUtil.getContentLength(request, -1L);
        return new HttpHead(
                request.method().name(),
                pathOf(request.uri()),
                request.headers(),
                length < 0 ? OptionalLong.empty() : OptionalLong.of(length),
                chunked,
                request.protocolVersion(),
                HttpUtil.isKeepAlive(request));
    }

    /** What is known of a request that could not be decoded. */
    static HttpHead withoutBody(HttpRequest request) {
        return new HttpHead(
                request.method().name(),
                pathOf(request.uri()),
                request.headers(),
                OptionalLong.empty(),
                false,
                HttpVersion.HTTP_1_1,
                false);
    }

    /** The same request for another path. */
    public HttpHead withPath(String otherPath) {
        return new HttpHead(
                method, pathOf(otherPath), headers, contentLength, chunked, version, keepAlive);
    }

    /** The first header of that name, letter case aside. */
    public Optional<String> header(String name) {
        return Optional.ofNullable(headers.get(name));
    }

    /**
     * The path cut at its slashes, each part percent-decoded as UTF-8 (HTTP protocol section 2):
     * {@code /a/b%20c} is {@code [a, b c]}, {@code /a/} is {@code [a, ""]}.
     */
    public List<String> segments() {
        if (!path.startsWith("/")) {
            return List.of();
        }
        List<String> segments = new ArrayList<>();
        int from = 1;
        for (int slash = path.indexOf('/', from); slash >= 0; slash = path.indexOf('/', from)) {
            segments.add(decode(path.substring(from, slash)));
            from = slash + 1;
        }
        segments.add(decode(path.substring(from)));
        return segments;
    }

    /** Whether the answer's body is not to be sent. */
    boolean isHead() {
        return method.equals("HEAD");
    }

    /** Whether a body is to come. */
    boolean hasBody() {
        return chunked || contentLength.orElse(0) > 0;
    }

    /** Whether the client waits for leave to send the body; any value of the header will do. */
    boolean expectsContinue() {
        return headers.contains(HttpHeaderNames.EXPECT) && version.equals(HttpVersion.HTTP_1_1);
    }

    /** Clients that think they talk to a proxy send {@code http://host/path}. */
    private static String pathOf(String uri) {
        String path = uri;
        int scheme = uri.startsWith("/") ? -1 : uri.indexOf("://");
        if (scheme >= 0) {
            int slash = uri.indexOf('/', scheme + 3);
            path = slash < 0 ? "/" : uri.substring(slash);
        }
        int end = 0;
        while (end < path.length() && path.charAt(end) != '?' && path.charAt(end) != '#') {
            end++;
        }
        return path.substring(0, end);
    }

    /** A part that is no valid encoding stands for itself. */
    private static String decode(String part) {
        if (part.indexOf('%') < 0) {
            return part;
        }
        ByteBuffer bytes = ByteBuffer.allocate(part.length() * 3);
        int i = 0;
        while (i < part.length()) {
            int value = part.charAt(i) == '%' ? hexAt(part, i + 1) : -1;
            if (value >= 0) {
                bytes.put((byte) value);
                i += 3;
            } else {
                bytes.put(part.substring(i, i + 1).getBytes(StandardCharsets.UTF_8));
                i++;
            }
        }
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(bytes.flip()).toString();
        } catch (CharacterCodingException e) {
            return part;
        }
    }

    private static int hexAt(String text, int index) {
        if (index + 2 > text.length()) {
            return -1;
        }
        int high = Character.digit(text.charAt(index), 16);
        int low = Character.digit(text.charAt(index + 1), 16);
        return high < 0 || low < 0 ? -1 : high * 16 + low;
    }
}
