package io.nereid.server.netty;

import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Optional;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.GZIPOutputStream;

/** How infer bodies may be compressed (HTTP protocol section 14). Names are case-sensitive. */
enum ContentCoding {
    IDENTITY("identity"),
    GZIP("gzip"),
    /** The format of zlib, not the bare one. */
    DEFLATE("deflate");

    /** What a client is told when it sends another coding. */
    static final String SUPPORTED = "gzip, deflate";

    private static final String WEIGHT = ";q=";

    private final String token;

    ContentCoding(String token) {
        this.token = token;
    }

    /** The name in headers. */
    String token() {
        return token;
    }

    /**
     * How the body of a request is compressed.
     *
     * @throws StatusException UNSUPPORTED {@code Unsupported compression type}
     */
    static ContentCoding ofRequest(HttpHead head) {
        String name = head.header("Content-Encoding").orElse("");
        return name.isEmpty()
                ? IDENTITY
                : named(name)
                        .orElseThrow(() ->
                                new StatusException(
                                        StatusCode.UNSUPPORTED, "Unsupported compression type"));
    }

    /**
     * The coding that a client likes best: the highest weight wins, the first one on a tie, and
     * weight 0 never.
     */
    static ContentCoding accepted(HttpHead head) {
        Optional<String> header = head.header("Accept-Encoding");
        if (header.isEmpty()) {
            return IDENTITY;
        }
        ContentCoding best = IDENTITY;
        double bestWeight = 0;
        for (String element : header.get().split(",", -1)) {
            String text = element.stripLeading();
            int at = text.indexOf(WEIGHT);
            Optional<ContentCoding> coding = named(at < 0 ? text : text.substring(0, at));
            double weight = at < 0 ? 1 : weight(text.substring(at + WEIGHT.length()));
            if (coding.isPresent() && weight > bestWeight) {
                best = coding.get();
                bestWeight = weight;
            }
        }
        return best;
    }

    /** A weight that is no number counts as none. */
    private static double weight(String text) {
        try {
            return Double.parseDouble(text.strip());
        } catch (NumberFormatException e) {
            return 0;
        }
    }

    private static Optional<ContentCoding> named(String name) {
        for (ContentCoding coding : values()) {
            if (coding.token.equals(name)) {
                return Optional.of(coding);
            }
        }
        return Optional.empty();
    }

    /** A stream that compresses what is written to it. */
    OutputStream compressing(OutputStream target) throws IOException {
        return switch (this) {
            case IDENTITY -> target;
            case GZIP -> new GZIPOutputStream(target);
            case DEFLATE -> new DeflaterOutputStream(target);
        };
    }
}
