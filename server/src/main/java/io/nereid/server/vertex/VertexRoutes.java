package io.nereid.server.vertex;

import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import io.nereid.server.InferenceServer;
import io.nereid.server.netty.ApiGate;
import io.nereid.server.netty.HttpExchange;
import io.nereid.server.netty.HttpHead;
import io.nereid.server.netty.HttpReply;
import io.nereid.server.netty.HttpRoutes;
import io.nereid.server.netty.InferRoute;
import io.nereid.server.security.ApiCategory;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Supplier;

/** The two routes that the platform names, and nothing else. Used on event loops. */
final class VertexRoutes implements HttpRoutes {
    /** Names a path of the HTTP/REST protocol, without its first slash, to be asked instead. */
    private static final String REDIRECT = "X-Vertex-Ai-Triton-Redirect";

    private final InferenceServer server;
    private final String predictRoute;
    private final String healthRoute;
    private final Supplier<Optional<String>> defaultModel;
    private final ApiGate gate;
    private final InferRoute infer;
    private final HttpRoutes protocol;

    VertexRoutes(
            InferenceServer server,
            String predictRoute,
            String healthRoute,
            Supplier<Optional<String>> defaultModel,
            ApiGate gate,
            InferRoute infer,
            HttpRoutes protocol) {
        this.server = server;
        this.predictRoute = predictRoute;
        this.healthRoute = healthRoute;
        this.defaultModel = defaultModel;
        this.gate = gate;
        this.infer = infer;
        this.protocol = protocol;
    }

    @Override
    public void handle(HttpHead head, HttpExchange exchange) {
        if (head.path().equals(predictRoute)) {
            predict(head, exchange);
        } else if (head.path().equals(healthRoute)) {
            health(head, exchange);
        } else {
            exchange.reply(HttpReply.empty(400));
        }
    }

    private void health(HttpHead head, HttpExchange exchange) {
        if (gate.admits(ApiCategory.HEALTH, head, exchange) && allows("GET", head, exchange)) {
            exchange.reply(HttpReply.empty(server.isReady() ? 200 : 400));
        }
    }

    private void predict(HttpHead head, HttpExchange exchange) {
        Optional<String> redirect = head.header(REDIRECT);
        if (redirect.isPresent()) {
            protocol.handle(redirected(head, redirect.get()), exchange);
        } else if (gate.admits(ApiCategory.INFERENCE, head, exchange)
                && allows("POST", head, exchange)) {
            infer.handle(head, exchange, model(), OptionalLong.empty());
        }
    }

    private static HttpHead redirected(HttpHead head, String path) {
        return head.withPath(path.startsWith("/") ? path : "/" + path);
    }

    private String model() {
        return defaultModel
                .get()
                .orElseThrow(() ->
                        new StatusException(
                                StatusCode.NOT_FOUND,
                                "no default model: start with --vertex-ai-default-model, or send "
                                        + REDIRECT
                                        + " with the path to ask"));
    }

    private static boolean allows(String method, HttpHead head, HttpExchange exchange) {
        boolean allowed = head.method().equals(method);
        if (!allowed) {
            exchange.reply(HttpReply.error(405, "Method Not Allowed"));
        }
        return allowed;
    }
}
