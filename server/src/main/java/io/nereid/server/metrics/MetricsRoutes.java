package io.nereid.server.metrics;

import io.nereid.server.netty.HttpExchange;
import io.nereid.server.netty.HttpHead;
import io.nereid.server.netty.HttpReply;
import io.nereid.server.netty.HttpRoutes;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/**
 * What each path answers (metrics section 1); a path that is not {@code /metrics} has, as with the
 * reference, an empty page. Used on the event loop of this port alone, so that reading many
 * counters keeps no request to a model waiting.
 */
final class MetricsRoutes implements HttpRoutes {
    private static final Map<String, String> TEXT =
            Map.of("Content-Type", "text/plain; charset=utf-8");

    private final MetricsPage page;

    MetricsRoutes(MetricsPage page) {
        this.page = page;
    }

    @Override
    public void handle(HttpHead head, HttpExchange exchange) {
        if (!head.method().equals("GET")) {
            exchange.reply(HttpReply.error(405, "Method Not Allowed"));
            return;
        }
        String text = head.path().equals("/metrics") ? page.text() : "";
        exchange.reply(HttpReply.of(200, TEXT, text.getBytes(StandardCharsets.UTF_8)));
    }
}
