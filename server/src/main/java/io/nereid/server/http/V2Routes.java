package io.nereid.server.http;

import io.nereid.protocol.StatusException;
import io.nereid.server.InferenceServer;
import io.nereid.server.netty.HttpExchange;
import io.nereid.server.netty.HttpHead;
import io.nereid.server.netty.HttpReply;
import io.nereid.server.netty.HttpRoutes;
import io.nereid.server.netty.InferRoute;
import java.util.Optional;
import java.util.OptionalLong;

/** What each path answers. Used on event loops. */
final class V2Routes implements HttpRoutes {
    private final InferenceServer server;
    private final InferRoute infer;
    private final byte[] serverMetadata;

    V2Routes(InferenceServer server, InferRoute infer) {
        this.server = server;
        this.infer = infer;
        this.serverMetadata = MetadataJson.server(server.metadata());
    }

    @Override
    public void handle(HttpHead head, HttpExchange exchange) {
        Optional<V2Path> path = V2Path.of(head);
        if (path.isEmpty()) {
            exchange.reply(HttpReply.error(404, "Not Found"));
        } else if (!path.get().method().equals(head.method())) {
            exchange.reply(HttpReply.error(405, "Method Not Allowed"));
        } else {
            answer(path.get(), head, exchange);
        }
    }

    private void answer(V2Path path, HttpHead head, HttpExchange exchange) {
        switch (path) {
            case V2Path.Server _ -> exchange.reply(HttpReply.json(serverMetadata));
            case V2Path.Live _ -> exchange.reply(HttpReply.empty(server.isLive() ? 200 : 400));
            case V2Path.Ready _ -> exchange.reply(HttpReply.empty(server.isReady() ? 200 : 400));
            case V2Path.Model model -> answer(model, head, exchange);
        }
    }

    private void answer(V2Path.Model model, HttpHead head, HttpExchange exchange) {
        OptionalLong version = version(model.version());
        switch (model.action()) {
            case METADATA -> {
                server.requireReady();
                exchange.reply(HttpReply.json(MetadataJson.model(server, model.name(), version)));
            }
            case READY -> {
                server.requireReady();
                var _ = server.model(model.name(), version);
                exchange.reply(HttpReply.empty(200));
            }
            case CONFIG -> {
                server.requireReady();
                exchange.reply(
                        HttpReply.json(
                                MetadataJson.config(server.model(model.name(), version).config())));
            }
            case INFER -> infer.handle(head, exchange, model.name(), version);
        }
    }

    /** Digits are a number unless there are too many of them. */
    private static OptionalLong version(Optional<String> text) {
        if (text.isEmpty()) {
            return OptionalLong.empty();
        }
        try {
            return OptionalLong.of(Long.parseLong(text.get()));
        } catch (NumberFormatException e) {
            throw StatusException.invalidArgument(
                    "failed to get model version from specified version string '"
                            + text.get()
                            + "' (details: stol), version should be an integral value > 0");
        }
    }
}
