package io.nereid.server.netty;

import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpRequestDecoder;

/**
 * Netty's decoder with this server's limits (HTTP protocol section 1). Pieces of a body are at most
 * {@link #PIECE_BYTES} long and smaller chunks come whole, so that chunks can be counted.
 */
final class StrictRequestDecoder extends HttpRequestDecoder {
    /** Longest element of a head: target, header name or header value. */
    static final int LONGEST_ELEMENT = 8192;

    private static final int LONGEST_LINE = LONGEST_ELEMENT + 64;
    private static final int LARGEST_HEAD = 64 << 10;
    private static final int PIECE_BYTES = 64 << 10;

    StrictRequestDecoder() {
        super(
                new HttpDecoderConfig()
                        .setMaxInitialLineLength(LONGEST_LINE)
                        .setMaxHeaderSize(LARGEST_HEAD)
                        .setMaxChunkSize(PIECE_BYTES)
                        .setAllowPartialChunks(false));
    }

    /** Two lengths for one body are how requests are smuggled past proxies. */
    @Override
    protected void handleTransferEncodingChunkedWithContentLength(HttpMessage message) {
        throw new IllegalArgumentException(
                "Content-Length and Transfer-Encoding exclude each other");
    }
}
