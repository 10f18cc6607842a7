package io.nereid.server.sagemaker;

import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import io.nereid.server.InferenceServer;
import io.nereid.server.netty.HttpExchange;
import io.nereid.server.netty.HttpHead;
import io.nereid.server.netty.HttpReply;
import io.nereid.server.netty.HttpRoutes;
import io.nereid.server.netty.InferRoute;
import java.util.OptionalLong;

/** What each path answers (SageMaker section 4). Used on event loops. */
final class SageMakerRoutes implements HttpRoutes {
    private static final String NO_MODEL = "unspecified_SAGEMAKER_TRITON_DEFAULT_MODEL_NAME";

    private final InferenceServer server;
    private final SageMakerFrontend.Settings settings;
    private final InferRoute infer;

    SageMakerRoutes(InferenceServer server, SageMakerFrontend.Settings settings, InferRoute infer) {
        this.server = server;
        this.settings = settings;
        this.infer = infer;
    }

    @Override
    public void handle(HttpHead head, HttpExchange exchange) {
        switch (head.path()) {
            case "/ping" -> {
                if (allows("GET", head, exchange)) {
                    exchange.reply(HttpReply.empty(isHealthy() ? 200 : 400));
                }
            }
            case "/invocations" -> {
                if (allows("POST", head, exchange)) {
                    invoke(head, exchange);
                }
            }
            default -> other(head, exchange);
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
            case "infer" -> {
                String model = settings.defaultModel().get().orElse(NO_MODEL);
                requireModel(model);
                infer.handle(head, exchange, model, OptionalLong.empty());
            }
            case "generate", "generate_stream" ->
                    throw new StatusException(
                            StatusCode.UNSUPPORTED,
                            "inference type '"
                                    + settings.inferenceType()
                                    + "' is not supported. Set SAGEMAKER_TRITON_INFERENCE_TYPE to"
                                    + " 'infer'.");
            default ->
                    throw StatusException.invalidArgument(
                            "Server has invalid inference type '"
                                    + settings.inferenceType()
                                    + "'. Must be one of: infer, generate, generate_stream.");
        }
    }

    /** The default model was chosen by the operator, so its absence is no 404 (section 6.1). */
    private void requireModel(String model) {
        try {
            var _ = server.model(model, OptionalLong.empty());
        } catch (StatusException e) {
            throw e.code() == StatusCode.NOT_FOUND ? StatusException.invalidArgument(e.text()) : e;
        }
    }

    private static void other(HttpHead head, HttpExchange exchange) {
        if (head.path().equals("/models") || head.path().startsWith("/models/")) {
            throw new StatusException(
                    StatusCode.UNSUPPORTED, "multi-model endpoints are not supported");
        }
        exchange.reply(HttpReply.empty(400));
    }
}
