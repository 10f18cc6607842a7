package io.nereid.server.http;

import io.nereid.protocol.StatusException;
import io.nereid.server.InferenceServer;
import io.nereid.server.ServerOptions;
import io.nereid.server.netty.AdminBody;
import io.nereid.server.netty.ApiGate;
import io.nereid.server.netty.GenerateRoute;
import io.nereid.server.netty.HttpExchange;
import io.nereid.server.netty.HttpHead;
import io.nereid.server.netty.HttpReply;
import io.nereid.server.netty.HttpRoutes;
import io.nereid.server.netty.InferRoute;
import io.nereid.server.security.ApiCategory;
import java.util.Optional;
import java.util.OptionalLong;

/** What each path answers. Used on event loops. */
final class V2Routes implements HttpRoutes {
    private final InferenceServer server;
    private final ApiGate gate;
    private final InferRoute infer;
    private final GenerateRoute generate;
    private final AdminBody bodies;
    private final TraceEndpoint trace;
    private final LogEndpoint log;
    private final RepositoryEndpoint repository;
    private final SharedMemoryEndpoint memory;
    private final DrainEndpoint drain;
    private final OpenApi openApi;
    private final byte[] serverMetadata;

    V2Routes(
            InferenceServer server,
            ServerOptions.Http options,
            InferRoute infer,
            GenerateRoute generate) {
        this.server = server;
        this.gate = new ApiGate(options.restricted());
        this.infer = infer;
        this.generate = generate;
        this.bodies = new AdminBody(server.tasks(), options.maxInputSize());
        this.trace = new TraceEndpoint(server, bodies);
        this.log = new LogEndpoint(server.extensions().log(), bodies);
        this.repository = new RepositoryEndpoint(server, bodies);
        this.memory = new SharedMemoryEndpoint(server.extensions().sharedMemory(), bodies);
        this.drain = new DrainEndpoint(server, gate);
        this.openApi = OpenApi.load(server);
        this.serverMetadata = MetadataJson.server(server.metadata());
    }

    @Override
    public void handle(HttpHead head, HttpExchange exchange) {
        Optional<V2Path> path = V2Path.of(head);
        if (path.isEmpty()) {
            exchange.reply(HttpReply.error(404, "Not Found"));
        } else if (isAdmitted(path.get(), head, exchange)) {
            if (path.get().allows(head.method())) {
                answer(path.get(), head, exchange);
            } else {
                exchange.reply(HttpReply.error(405, "Method Not Allowed"));
            }
        }
    }

    private boolean isAdmitted(V2Path path, HttpHead head, HttpExchange exchange) {
        for (ApiCategory category : path.categories()) {
            if (!gate.admits(category, head, exchange)) {
                return false;
            }
        }
        return true;
    }

    private void answer(V2Path path, HttpHead head, HttpExchange exchange) {
        switch (path) {
            case V2Path.Server _ -> exchange.reply(HttpReply.json(serverMetadata));
            case V2Path.Live _ -> exchange.reply(HttpReply.empty(server.isLive() ? 200 : 400));
            case V2Path.Ready _ -> exchange.reply(readiness());
            case V2Path.Models _ ->
                    bodies.run(exchange, () -> HttpReply.json(ModelsJson.write(server)));
            case V2Path.OpenApi _ -> bodies.run(exchange, () -> HttpReply.json(openApi.ofServer()));
            case V2Path.Statistics _ -> exchange.reply(statistics("", OptionalLong.empty()));
            case V2Path.Model model -> answer(model, head, exchange);
            case V2Path.Trace(Optional<String> model) ->
                    trace.handle(model, head.method(), exchange);
            case V2Path.Logging _ -> log.handle(head.method(), exchange);
            case V2Path.Index _ -> repository.index(exchange);
            case V2Path.Control control -> repository.control(control, exchange);
            case V2Path.Drain _ -> drain.handle(head, exchange);
            case V2Path.Memory region -> memory.handle(region, exchange);
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
                server.requireReady(model.name(), version);
                exchange.reply(HttpReply.empty(200));
            }
            case CONFIG -> {
                server.requireReady();
                exchange.reply(
                        HttpReply.json(
                                MetadataJson.config(server.model(model.name(), version).config())));
            }
            case STATISTICS -> exchange.reply(statistics(model.name(), version));
            case INFER -> infer.handle(head, exchange, model.name(), version);
            case GENERATE ->
                    generate.handle(
                            head, exchange, model.name(), version, GenerateRoute.Kind.OBJECT);
            case GENERATE_STREAM ->
                    generate.handle(
                            head, exchange, model.name(), version, GenerateRoute.Kind.EVENTS);
            case OPENAPI -> {
                server.requireReady();
                bodies.run(exchange, () -> HttpReply.json(openApi.ofModel(model.name(), version)));
            }
        }
    }

    /**
     * An instance that hangs is named, since nothing else tells why a loaded server is not ready.
     */
    private HttpReply readiness() {
        boolean ready = server.isReady();
        server.requireWorking();
        return HttpReply.empty(ready ? 200 : 400);
    }

    private HttpReply statistics(String model, OptionalLong version) {
        return HttpReply.json(StatisticsJson.write(server.statistics(model, version)));
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
