package io.nereid.store.gcs;

import com.sun.net.httpserver.HttpExchange;
import io.nereid.repository.store.HttpFake;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.zip.CRC32C;

/**
 * As much of Google's JSON API as reading takes, and the endpoint that service accounts get tokens
 * from. Answers only those with a token.
 */
final class FakeGcs extends HttpFake {
    private static final String TOKEN = "token-of-nereid";
    private static final String OBJECTS = "/storage/v1/b/models/o";

    FakeGcs() throws IOException {}

    @Override
    public void answer(HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().getRawPath().replaceFirst("^/download", "");
        if (path.equals("/token")) {
            token(exchange);
            return;
        }
        String authorization =
                Optional.ofNullable(exchange.getRequestHeaders().getFirst("Authorization"))
                        .orElse("");
        if (!authorization.equals("Bearer " + TOKEN)) {
            error(exchange, 401, "Anonymous caller");
        } else if (path.equals(OBJECTS)) {
            list(exchange);
        } else if (path.startsWith(OBJECTS + "/")) {
            get(exchange, decoded(path.substring(OBJECTS.length() + 1)));
        } else {
            error(exchange, 404, "The specified bucket does not exist.");
        }
    }

    private static void token(HttpExchange exchange) throws IOException {
        String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
        if (body.contains("assertion=")) {
            send(
                    exchange,
                    200,
                    "application/json",
                    "{\"access_token\":\""
                            + TOKEN
                            + "\",\"expires_in\":3600,\"token_type\":\"Bearer\"}");
        } else {
            error(exchange, 400, "invalid_grant");
        }
    }

    private void list(HttpExchange exchange) throws IOException {
        Page page =
                page(
                        parameter(exchange, "prefix").orElse(""),
                        parameter(exchange, "pageToken"),
                        parameter(exchange, "maxResults").map(Integer::parseInt).orElse(1000));
        String items =
                page.objects().entrySet().stream()
                        .map(FakeGcs::item)
                        .collect(Collectors.joining(","));
        String next = page.next().map(key -> ",\"nextPageToken\":\"" + key + "\"").orElse("");
        send(exchange, 200, "application/json", "{\"items\":[" + items + "]" + next + "}");
    }

    private static String item(Map.Entry<String, Kept> object) {
        Kept kept = object.getValue();
        return "{\"name\":\"%s\",\"size\":\"%d\",\"generation\":\"%d\",\"updated\":\"%s\"}"
                .formatted(object.getKey(), kept.size(), kept.generation(), kept.written());
    }

    private void get(HttpExchange exchange, String key) throws IOException {
        Optional<Kept> kept = find(key);
        if (kept.isEmpty()) {
            error(exchange, 404, "No such object");
            return;
        }
        String generation = Long.toString(kept.get().generation());
        if (!parameter(exchange, "ifGenerationMatch").equals(Optional.of(generation))) {
            error(exchange, 412, "conditionNotMet");
            return;
        }
        CRC32C crc = new CRC32C();
        crc.update(kept.get().bytes());
        exchange.getResponseHeaders()
                .add(
                        "x-goog-hash",
                        "crc32c="
                                + Base64.getEncoder()
                                        .encodeToString(
                                                ByteBuffer.allocate(4)
                                                        .putInt((int) crc.getValue())
                                                        .array()));
        send(
                exchange,
                kept.get(),
                Optional.ofNullable(exchange.getRequestHeaders().getFirst("Range")));
    }

    private static void error(HttpExchange exchange, int status, String message)
            throws IOException {
        send(
                exchange,
                status,
                "application/json",
                "{\"error\":{\"code\":" + status + ",\"message\":\"" + message + "\"}}");
    }
}
