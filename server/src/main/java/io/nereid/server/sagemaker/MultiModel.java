package io.nereid.server.sagemaker;

import com.fasterxml.jackson.core.JsonGenerator;
import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.http.JsonView;
import io.nereid.repository.ModelControl;
import io.nereid.repository.ModelOverride;
import io.nereid.server.InferenceServer;
import io.nereid.server.netty.HttpReply;
import io.nereid.server.netty.JsonText;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Models that the platform loads and unloads (SageMaker section 8). The name under which a model
 * was loaded is remembered, so that the header is needed at load only. Methods that block are
 * called on control threads; several may run at a time.
 */
final class MultiModel {
    private static final Logger log = LoggerFactory.getLogger(MultiModel.class);

    /** HTTP status that makes the platform unload other models and try again. */
    private static final int OUT_OF_MEMORY = 507;

    private static final int CONFLICT = 409;

    /**
     * A model that the platform loaded.
     *
     * @param target its name inside the server
     */
    record Loaded(String target, Path repository) {}

    private final InferenceServer server;
    private final Path root;
    private final Map<String, Loaded> models = new ConcurrentHashMap<>();

    /**
     * @param root directory in which the platform unpacks archives
     */
    MultiModel(InferenceServer server, Path root) {
        this.server = server;
        this.root = root;
    }

    /** The model of that hash. Never blocks. */
    Optional<Loaded> find(String hash) {
        return Optional.ofNullable(models.get(hash));
    }

    /** What a failure of a model's inference is answered with (section 8.6). */
    static int invokeStatus(StatusException failure, String model) {
        return MemoryTrouble.isCauseOf(failure, model)
                ? OUT_OF_MEMORY
                : StatusCode.INVALID_ARG.httpStatus();
    }

    /**
     * Loads the model of an archive (section 8.2). Blocks.
     *
     * @param request the request's JSON
     * @param targetModel what the header names, if it is there
     */
    HttpReply load(JsonView request, Optional<String> targetModel) {
        String hash = request.required("model_name").string();
        Path url = Path.of(request.required("url").string()).toAbsolutePath().normalize();
        if (ModelArchive.isForbidden(url)) {
            return HttpReply.empty(StatusCode.INVALID_ARG.httpStatus());
        }
        String target = targetModel.orElse(hash);
        log.info("Loading SageMaker TargetModel: {}", target);
        try {
            ModelArchive archive = ModelArchive.find(url, root);
            load(hash, new Loaded(target, archive.repository()), archive.model());
            return HttpReply.empty(200);
        } catch (StatusException e) {
            return HttpReply.error(loadStatus(e, target), e.text());
        }
    }

    private static int loadStatus(StatusException failure, String target) {
        return failure.code() == StatusCode.ALREADY_EXISTS
                ? CONFLICT
                : invokeStatus(failure, target);
    }

    private void load(String hash, Loaded model, String directory) {
        ModelControl control = server.extensions().repository();
        control.register(model.repository(), Map.of(directory, model.target()));
        boolean loaded = false;
        try {
            control.load(model.target(), ModelOverride.NONE);
            models.put(hash, model);
            loaded = true;
        } finally {
            if (!loaded) {
                control.unregister(model.repository());
            }
        }
    }

    /** Unloads a model and everything that was loaded because of it (section 8.4). Blocks. */
    HttpReply unload(String hash) {
        Loaded model = models.remove(hash);
        if (model == null) {
            return HttpReply.empty(StatusCode.NOT_FOUND.httpStatus());
        }
        ModelControl control = server.extensions().repository();
        try {
            control.unload(model.target(), true);
            control.awaitUnloaded(model.target());
        } catch (StatusException e) {
            models.put(hash, model);
            return HttpReply.error(StatusCode.INVALID_ARG.httpStatus(), e.text());
        }
        try {
            control.unregister(model.repository());
            return HttpReply.empty(200);
        } catch (StatusException e) {
            return HttpReply.error(StatusCode.INVALID_ARG.httpStatus(), e.text());
        }
    }

    /** All models that are ready (section 8.5). Never blocks. */
    HttpReply list() {
        return HttpReply.json(
                JsonText.write(json -> {
                    json.writeStartObject();
                    json.writeArrayFieldStart("models");
                    for (Map.Entry<String, Loaded> model : models.entrySet()) {
                        if (!server.readyVersions(model.getValue().target()).isEmpty()) {
                            write(json, model.getKey(), model.getValue());
                        }
                    }
                    json.writeEndArray();
                    json.writeEndObject();
                }));
    }

    /** One model (section 8.5). Never blocks. */
    HttpReply describe(String hash) {
        return find(hash)
                .map(model -> HttpReply.json(JsonText.write(json -> write(json, hash, model))))
                .orElseGet(() -> HttpReply.empty(StatusCode.NOT_FOUND.httpStatus()));
    }

    private static void write(JsonGenerator json, String hash, Loaded model) throws IOException {
        json.writeStartObject();
        json.writeStringField("modelName", hash);
        json.writeStringField("modelUrl", model.repository().toString());
        json.writeEndObject();
    }
}
