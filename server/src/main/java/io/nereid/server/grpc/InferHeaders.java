package io.nereid.server.grpc;

import io.grpc.Deadline;
import io.grpc.DecompressorRegistry;
import io.grpc.InternalMetadata;
import io.grpc.InternalStatus;
import io.grpc.Metadata;
import io.grpc.Status;
import io.nereid.protocol.grpc.proto.GRPCInferenceServiceGrpc;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.ReadOnlyHttp2Headers;
import io.netty.util.AsciiString;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The HTTP/2 headers of calls of {@code ModelInfer}. */
final class InferHeaders {
    private static final AsciiString PATH =
            AsciiString.cached(
                    "/" + GRPCInferenceServiceGrpc.getModelInferMethod().getFullMethodName());
    private static final AsciiString GRPC = AsciiString.cached("application/grpc");
    private static final AsciiString GRPC_PROTO = AsciiString.cached("application/grpc+proto");
    private static final AsciiString ENCODING = AsciiString.cached("grpc-encoding");
    private static final AsciiString ACCEPT_ENCODING = AsciiString.cached("grpc-accept-encoding");
    private static final AsciiString IDENTITY = AsciiString.cached("identity");
    private static final AsciiString TIMEOUT = AsciiString.cached("grpc-timeout");
    private static final Pattern DURATION = Pattern.compile("([0-9]{1,8})([HMSmun])");

    private static final ReadOnlyHttp2Headers OK =
            ReadOnlyHttp2Headers.trailers(
                    false, AsciiString.cached("grpc-status"), AsciiString.cached("0"));

    private InferHeaders() {}

    /**
     * What is read of the headers of a call of {@code ModelInfer} with plain messages.
     *
     * @param deadline when the client stops waiting, if ever
     */
    record Plain(Optional<Deadline> deadline) {}

    /**
     * Reads the headers of a call. Empty if they are not those of a call of {@code ModelInfer} with
     * plain messages: what is unusual in any way is gRPC's, which refuses what is wrong with it.
     */
    static Optional<Plain> read(Http2Headers headers) {
        if (!arePlain(headers)) {
            return Optional.empty();
        }
        CharSequence timeout = headers.get(TIMEOUT);
        if (timeout == null) {
            return Optional.of(new Plain(Optional.empty()));
        }
        Matcher duration = DURATION.matcher(timeout);
        return duration.matches()
                ? Optional.of(new Plain(Optional.of(deadline(duration))))
                : Optional.empty();
    }

    /** Whether everything but the timeout, which is yet to be read, is plain. */
    private static boolean arePlain(Http2Headers headers) {
        return is(PATH, headers.path())
                && is(HttpMethod.POST.asciiName(), headers.method())
                && isGrpc(headers.get(HttpHeaderNames.CONTENT_TYPE))
                && isNoneOr(IDENTITY, headers.get(ENCODING))
                && !headers.contains(HttpHeaderNames.CONNECTION)
                && !headers.contains(HttpHeaderNames.HOST);
    }

    private static boolean is(AsciiString expected, @Nullable CharSequence found) {
        return found != null && expected.contentEquals(found);
    }

    private static boolean isNoneOr(AsciiString expected, @Nullable CharSequence found) {
        return found == null || expected.contentEquals(found);
    }

    private static boolean isGrpc(@Nullable CharSequence contentType) {
        return is(GRPC, contentType) || is(GRPC_PROTO, contentType);
    }

    private static Deadline deadline(Matcher duration) {
        return Deadline.after(Long.parseLong(duration.group(1)), unit(duration.group(2)));
    }

    private static TimeUnit unit(String letter) {
        return switch (letter) {
            case "H" -> TimeUnit.HOURS;
            case "M" -> TimeUnit.MINUTES;
            case "S" -> TimeUnit.SECONDS;
            case "m" -> TimeUnit.MILLISECONDS;
            case "u" -> TimeUnit.MICROSECONDS;
            default -> TimeUnit.NANOSECONDS;
        };
    }

    /** All entries with text, which are all that anything here asks for. */
    static Metadata metadata(Http2Headers headers) {
        List<byte[]> entries = new ArrayList<>(2 * headers.size());
        for (Map.Entry<CharSequence, CharSequence> header : headers) {
            String name = header.getKey().toString();
            if (!name.startsWith(":") && !name.endsWith(Metadata.BINARY_HEADER_SUFFIX)) {
                entries.add(name.getBytes(StandardCharsets.ISO_8859_1));
                entries.add(header.getValue().toString().getBytes(StandardCharsets.ISO_8859_1));
            }
        }
        return InternalMetadata.newMetadata(entries.toArray(byte[][]::new));
    }

    /** What answers with a message begin with. */
    static Http2Headers ofAnswer(DecompressorRegistry accepted) {
        return ReadOnlyHttp2Headers.serverHeaders(
                false,
                HttpResponseStatus.OK.codeAsText(),
                HttpHeaderNames.CONTENT_TYPE,
                GRPC,
                ENCODING,
                IDENTITY,
                ACCEPT_ENCODING,
                new AsciiString(String.join(",", accepted.getAdvertisedMessageEncodings())));
    }

    /** What an answer ends with. */
    static Http2Headers trailers(Status status, Metadata more) {
        return status.isOk() && more.keys().isEmpty()
                ? OK
                : ReadOnlyHttp2Headers.trailers(false, entries(status, more));
    }

    /** What an answer without a message consists of. */
    static Http2Headers ofAnswerWithoutMessage(Status status, Metadata more) {
        Metadata withType = new Metadata();
        withType.put(
                Metadata.Key.of(
                        HttpHeaderNames.CONTENT_TYPE.toString(), Metadata.ASCII_STRING_MARSHALLER),
                GRPC.toString());
        withType.merge(more);
        return ReadOnlyHttp2Headers.serverHeaders(
                false, HttpResponseStatus.OK.codeAsText(), entries(status, withType));
    }

    /** No answer of this server has entries of bytes, which would have to be encoded. */
    private static AsciiString[] entries(Status status, Metadata more) {
        Metadata all = new Metadata();
        all.merge(more);
        all.put(InternalStatus.CODE_KEY, status);
        if (status.getDescription() != null) {
            all.put(InternalStatus.MESSAGE_KEY, status.getDescription());
        }
        byte[][] bytes = InternalMetadata.serialize(all);
        AsciiString[] entries = new AsciiString[bytes.length];
        for (int i = 0; i < bytes.length; i++) {
            entries[i] = new AsciiString(bytes[i], false);
        }
        return entries;
    }
}
