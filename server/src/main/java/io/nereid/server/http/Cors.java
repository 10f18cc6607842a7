package io.nereid.server.http;

import io.nereid.server.netty.HttpExchange;
import io.nereid.server.netty.HttpHead;
import io.nereid.server.netty.HttpReply;
import io.nereid.server.netty.HttpRoutes;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Lets pages of chosen origins call the server from a browser (the Fetch standard, CORS protocol).
 * Preflight requests are answered before restricted endpoints are looked at, since a browser sends
 * no other headers with them. Immutable; used on event loops.
 */
final class Cors implements HttpRoutes {
    private static final String ANY = "*";

    private final HttpRoutes next;
    private final Set<String> origins;

    private Cors(HttpRoutes next, Set<String> origins) {
        this.next = next;
        this.origins = origins;
    }

    /**
     * The routes, open to these origins.
     *
     * @param origins such as {@code https://example.com}; {@code *} for any; none to change nothing
     */
    static HttpRoutes around(HttpRoutes next, List<String> origins) {
        return origins.isEmpty() ? next : new Cors(next, Set.copyOf(origins));
    }

    @Override
    public void handle(HttpHead head, HttpExchange exchange) {
        Map<String, String> headers = new HashMap<>();
        headers.put("Vary", "Origin");
        Optional<String> allowed = head.header("Origin").flatMap(this::allowed);
        allowed.ifPresent(origin -> {
            headers.put("Access-Control-Allow-Origin", origin);
            headers.put("Access-Control-Expose-Headers", V2InferDialect.JSON_LENGTH);
        });
        boolean preflight =
                allowed.isPresent()
                        && head.method().equals("OPTIONS")
                        && head.header("Access-Control-Request-Method").isPresent();
        if (preflight) {
            headers.put("Access-Control-Allow-Methods", "GET, POST");
            head.header("Access-Control-Request-Headers")
                    .ifPresent(wanted -> headers.put("Access-Control-Allow-Headers", wanted));
            headers.put("Access-Control-Max-Age", "600");
        }
        exchange.addHeaders(headers);
        if (preflight) {
            exchange.reply(HttpReply.empty(200));
        } else {
            next.handle(head, exchange);
        }
    }

    private Optional<String> allowed(String origin) {
        if (origins.contains(ANY)) {
            return Optional.of(ANY);
        }
        return origins.contains(origin) ? Optional.of(origin) : Optional.empty();
    }
}
