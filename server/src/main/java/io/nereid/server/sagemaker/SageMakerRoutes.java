package io.nereid.server.sagemaker;

import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import io.nereid.server.InferenceServer;
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
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What each path answers (SageMaker section 4). Used on event loops. */
final class SageMakerRoutes implements HttpRoutes {
    private static final Logger log = LoggerFactory.getLogger(SageMakerRoutes.class);

    private static final String TARGET_MODEL = "X-Amzn-SageMaker-Target-Model";
    private static final String NO_MODEL = "unspecified_SAGEMAKER_TRITON_DEFAULT_MODEL_NAME";

    private final InferenceServer server;
    private final SageMakerFrontend.Settings settings;
    private final ApiGate gate;
    private final AdminBody bodies;
    private final MultiModel models;
    private final InferRoute infer;
    private final GenerateRoute generate;

    SageMakerRoutes(
            InferenceServer server,
            SageMakerFrontend.Settings settings,
            InferRoute infer,
            GenerateRoute generate) {
        this.server = server;
        this.settings = settings;
        this.gate = settings.gate();
        this.bodies = new AdminBody(server.tasks(), settings.maxInputSize());
        this.models = new MultiModel(server, settings.archives());
        this.infer = infer;
        this.generate = generate;
    }

    @Override
    public void handle(HttpHead head, HttpExchange exchange) {
        switch (head.path()) {
            case "/ping" -> {
                if (gate.admits(ApiCategory.HEALTH, head, exchange)
                        && allows("GET", head, exchange)) {
                    exchange.reply(HttpReply.empty(isHealthy() ? 200 : 400));
                }
            }
            case "/invocations" -> {
                if (gate.admits(ApiCategory.INFERENCE, head, exchange)
                        && allows("POST", head, exchange)) {
                    invoke(head, exchange);
                }
            }
            default ->
                    ModelsPath.of(head.path())
                            .ifPresentOrElse(
                                    path -> manage(path, head, exchange),
                                    () -> exchange.reply(HttpReply.empty(400)));
        }
    }

    /** The multi-model endpoints (section 8). */
    private void manage(ModelsPath path, HttpHead head, HttpExchange exchange) {
        String hash = path.hash().orElse("");
        switch (head.method()) {
            case "POST" -> {
                if (path.invoke()) {
                    invoke(hash, head, exchange);
                } else if (mayManage(head, exchange)) {
                    bodies.readJson(exchange, json -> models.load(json, head.header(TARGET_MODEL)));
                }
            }
            case "GET" -> {
                if (mayManage(head, exchange)) {
                    exchange.reply(hash.isEmpty() ? models.list() : models.describe(hash));
                }
            }
            case "DELETE" -> {
                if (hash.isEmpty()) {
                    exchange.reply(HttpReply.empty(400));
                } else if (mayManage(head, exchange)) {
                    bodies.run(exchange, () -> models.unload(hash));
                }
            }
            default -> exchange.reply(HttpReply.empty(400));
        }
    }

    private boolean mayManage(HttpHead head, HttpExchange exchange) {
        return gate.admits(ApiCategory.MODEL_REPOSITORY, head, exchange);
    }

    /** A model that the platform loaded; here any error is a 400 or a 507 (section 8.6). */
    private void invoke(String hash, HttpHead head, HttpExchange exchange) {
        Optional<MultiModel.Loaded> model = models.find(hash);
        if (model.isEmpty()) {
            exchange.reply(HttpReply.empty(404));
        } else if (gate.admits(ApiCategory.INFERENCE, head, exchange)) {
            String target = model.get().target();
            log.debug("Invoking SageMaker TargetModel: {}", target);
            head.header(TARGET_MODEL)
                    .filter(named -> !named.equals(target))
                    .ifPresent(named ->
                            log.warn(
                                    "request for model '{}' names the target model '{}', but it"
                                            + " was loaded as '{}'",
                                    hash,
                                    named,
                                    target));
            exchange.setErrorStatus(failure -> MultiModel.invokeStatus(failure, target));
            infer.handle(head, exchange, target, OptionalLong.empty());
        }
    }

    private static boolean allows(String method, HttpHead head, HttpExchange exchange) {
        boolean allowed = head.method().equals(method);
        if (!allowed) {
            exchange.reply(HttpReply.error(405, "Method Not Allowed"));
        }
        return allowed;
    }

    /**
     * The platform sends requests as soon as this is true, so in either mode it is not before the
     * default model can be asked.
     *
     * @throws StatusException UNAVAILABLE {@code Server exiting} while stopping
     */
    private boolean isHealthy() {
        boolean healthy =
                switch (settings.pingMode()) {
                    case LIVE -> server.isLive();
                    case READY -> server.isReady();
                };
        return healthy
                && settings.defaultModel()
                        .get()
                        .map(model -> !server.readyVersions(model).isEmpty())
                        .orElse(true);
    }

    private void invoke(HttpHead head, HttpExchange exchange) {
        switch (settings.inferenceType()) {
            case "infer" -> infer.handle(head, exchange, defaultModel(), OptionalLong.empty());
            case "generate" ->
                    generate.handle(
                            head,
                            exchange,
                            defaultModel(),
                            OptionalLong.empty(),
                            GenerateRoute.Kind.OBJECT);
            case "generate_stream" ->
                    generate.handle(
                            head,
                            exchange,
                            defaultModel(),
                            OptionalLong.empty(),
                            GenerateRoute.Kind.EVENTS);
            default ->
                    throw StatusException.invalidArgument(
                            "Server has invalid inference type '"
                                    + settings.inferenceType()
                                    + "'. Must be one of: infer, generate, generate_stream.");
        }
    }

    /** The default model was chosen by the operator, so its absence is no 404 (section 6.1). */
    private String defaultModel() {
        String model = settings.defaultModel().get().orElse(NO_MODEL);
        try {
            var _ = server.model(model, OptionalLong.empty());
            return model;
        } catch (StatusException e) {
            throw e.code() == StatusCode.NOT_FOUND ? StatusException.invalidArgument(e.text()) : e;
        }
    }
}
