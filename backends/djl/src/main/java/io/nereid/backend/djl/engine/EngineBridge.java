package io.nereid.backend.djl.engine;

import ai.djl.Device;
import ai.djl.MalformedModelException;
import ai.djl.Model;
import ai.djl.engine.Engine;
import io.nereid.backend.djl.Causes;
import io.nereid.backend.djl.DjlEngine;
import io.nereid.backend.djl.LoadRequest;
import io.nereid.backend.djl.LoadedModel;
import io.nereid.backend.djl.ModelSignature;
import io.nereid.protocol.Owned;
import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import java.io.IOException;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The one engine that lies in this class loader. Found by {@link java.util.ServiceLoader}. */
public final class EngineBridge implements DjlEngine {
    private @Nullable Engine engine;
    private @Nullable EngineSupport support;

    @Override
    public void start(String name) {
        Set<String> names = Engine.getAllEngines();
        Engine started =
                names.stream()
                        .filter(name::equalsIgnoreCase)
                        .findFirst()
                        .map(Engine::getEngine)
                        .orElseThrow(() ->
                                new IllegalStateException("its folder holds the engines " + names));
        support =
                switch (started.getEngineName()) {
                    case "OnnxRuntime" -> new OnnxRuntimeSupport();
                    case "TensorFlow" -> new TensorFlowSupport();
                    default -> new PlainSupport();
                };
        engine = started;
    }

    @Override
    public String name() {
        return engine().getEngineName();
    }

    @Override
    public Optional<ModelSignature> describe(LoadRequest request) {
        return support().describe(request);
    }

    @Override
    public @Owned LoadedModel load(LoadRequest request) {
        Thread thread = Thread.currentThread();
        ClassLoader before = thread.getContextClassLoader();
        thread.setContextClassLoader(EngineBridge.class.getClassLoader());
        try {
            Model model = engine().newModel(request.modelName(), device(request));
            try {
                support().load(model, request);
                return new BridgedModel(model, support().copiesInputs());
            } catch (IOException | MalformedModelException | RuntimeException e) {
                model.close();
                throw failure(request, e);
            }
        } finally {
            thread.setContextClassLoader(before);
        }
    }

    private Device device(LoadRequest request) {
        return switch (request.device().kind()) {
            case CPU, MODEL -> Device.cpu();
            case GPU -> gpu(request);
        };
    }

    private Device gpu(LoadRequest request) {
        int index = request.device().index();
        int count = engine().getGpuCount();
        if (index >= count) {
            throw StatusException.invalidArgument(
                    "unable to load model '"
                            + request.modelName()
                            + "', an instance has kind KIND_GPU on GPU "
                            + index
                            + " but DJL's engine "
                            + name()
                            + (count == 0 ? " finds no GPU" : " finds GPUs 0 to " + (count - 1)));
        }
        return Device.gpu(index);
    }

    private static StatusException failure(LoadRequest request, Exception cause) {
        return cause instanceof StatusException status
                ? status
                : new StatusException(
                        StatusCode.INTERNAL,
                        "unable to load model '" + request.modelName() + "': " + Causes.text(cause),
                        cause);
    }

    private Engine engine() {
        if (engine == null) {
            throw new IllegalStateException("engine is used before it is started");
        }
        return engine;
    }

    private EngineSupport support() {
        if (support == null) {
            throw new IllegalStateException("engine is used before it is started");
        }
        return support;
    }
}
