package io.nereid.store.azure;

import com.azure.core.http.HttpHeaderName;
import com.azure.core.http.HttpHeaders;
import com.azure.storage.common.StorageSharedKeyCredential;
import com.sun.net.httpserver.HttpExchange;
import io.nereid.repository.store.HttpFake;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** As much of Azure's blob service as reading takes. Answers only those with the account's key. */
final class FakeAzure extends HttpFake {
    static final String ACCOUNT = "nereid";
    static final String KEY =
            Base64.getEncoder().encodeToString("key-of-nereid".getBytes(StandardCharsets.UTF_8));

    private static final String CONTAINER = "/" + ACCOUNT + "/models";
    private final StorageSharedKeyCredential owner = new StorageSharedKeyCredential(ACCOUNT, KEY);

    FakeAzure() throws IOException {}

    @Override
    public void answer(HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().getRawPath();
        if (!isAuthentic(exchange)) {
            error(exchange, 403, "AuthenticationFailed");
        } else if (path.equals(CONTAINER)) {
            list(exchange);
        } else if (path.startsWith(CONTAINER + "/")) {
            get(exchange, decoded(path.substring(CONTAINER.length() + 1)));
        } else {
            error(exchange, 404, "ContainerNotFound");
        }
    }

    private boolean isAuthentic(HttpExchange exchange) throws IOException {
        HttpHeaders headers = new HttpHeaders();
        exchange.getRequestHeaders()
                .forEach((name, values) ->
                        headers.set(HttpHeaderName.fromString(name), values.getFirst()));
        String expected =
                owner.generateAuthorizationHeader(
                        URI.create(
                                        "http://"
                                                + exchange.getRequestHeaders().getFirst("Host")
                                                + exchange.getRequestURI())
                                .toURL(),
                        exchange.getRequestMethod(),
                        headers,
                        false);
        return expected.equals(exchange.getRequestHeaders().getFirst("Authorization"));
    }

    private void list(HttpExchange exchange) throws IOException {
        Page page =
                page(
                        parameter(exchange, "prefix").orElse(""),
                        parameter(exchange, "marker"),
                        parameter(exchange, "maxresults").map(Integer::parseInt).orElse(5000));
        send(
                exchange,
                200,
                "application/xml",
                "<?xml version=\"1.0\" encoding=\"utf-8\"?><EnumerationResults"
                        + " ContainerName=\"models\"><Blobs>"
                        + page.objects().entrySet().stream()
                                .map(FakeAzure::blob)
                                .collect(Collectors.joining())
                        + "</Blobs><NextMarker>"
                        + page.next().map(FakeAzure::escaped).orElse("")
                        + "</NextMarker></EnumerationResults>");
    }

    private static String blob(Map.Entry<String, Kept> blob) {
        return "<Blob><Name>%s</Name><Properties><Last-Modified>%s</Last-Modified><Etag>%s</Etag><Content-Length>%d</Content-Length><BlobType>BlockBlob</BlobType></Properties></Blob>"
                .formatted(
                        escaped(blob.getKey()),
                        date(blob.getValue().written()),
                        etag(blob.getValue()),
                        blob.getValue().size());
    }

    private static String escaped(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;");
    }

    private static String date(Instant time) {
        return DateTimeFormatter.RFC_1123_DATE_TIME.format(time.atOffset(ZoneOffset.UTC));
    }

    private static String etag(Kept kept) {
        return "0x" + Long.toHexString(kept.generation());
    }

    private void get(HttpExchange exchange, String key) throws IOException {
        Optional<Kept> kept = find(key);
        if (kept.isEmpty()) {
            error(exchange, 404, "BlobNotFound");
            return;
        }
        String etag = "\"" + etag(kept.get()) + "\"";
        String condition = exchange.getRequestHeaders().getFirst("If-Match");
        // The SDK asks with quotes or without, as the service allows.
        if (condition != null && !condition.replace("\"", "").equals(etag(kept.get()))) {
            error(exchange, 412, "ConditionNotMet");
            return;
        }
        exchange.getResponseHeaders().set("ETag", etag);
        exchange.getResponseHeaders().set("Last-Modified", date(kept.get().written()));
        exchange.getResponseHeaders().set("x-ms-blob-type", "BlockBlob");
        exchange.getResponseHeaders().set("x-ms-blob-content-md5", md5(kept.get().bytes()));
        send(
                exchange,
                kept.get(),
                Optional.ofNullable(exchange.getRequestHeaders().getFirst("x-ms-range")));
    }

    private static String md5(byte[] bytes) {
        try {
            return Base64.getEncoder()
                    .encodeToString(MessageDigest.getInstance("MD5").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has MD5", e);
        }
    }

    private static void error(HttpExchange exchange, int status, String code) throws IOException {
        exchange.getResponseHeaders().set("x-ms-error-code", code);
        send(
                exchange,
                status,
                "application/xml",
                "<?xml version=\"1.0\" encoding=\"utf-8\"?><Error><Code>"
                        + code
                        + "</Code><Message>test</Message></Error>");
    }
}
