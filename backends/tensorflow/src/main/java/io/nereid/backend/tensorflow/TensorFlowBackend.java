package io.nereid.backend.tensorflow;

import io.nereid.backend.Backend;
import io.nereid.backend.BackendEnvironment;
import io.nereid.backend.BackendModel;
import io.nereid.backend.ComputeThreads;
import io.nereid.backend.ModelFiles;
import io.nereid.backend.foreign.BackendSettings;
import io.nereid.backend.foreign.PlatformThreads;
import io.nereid.protocol.ModelConfig;
import io.nereid.protocol.Owned;
import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.proto.ModelConfigProto;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * SavedModels and GraphDefs on TensorFlow. The libraries are loaded with the first model. Settings
 * and parameters are those of model-config section 13.3.
 */
public final class TensorFlowBackend implements Backend {
    private static final Logger log = LoggerFactory.getLogger(TensorFlowBackend.class);
    private static final String NO_SUCH_TAG = "Could not find meta graph def matching";

    private final Object lock = new Object();
    private @Nullable BackendEnvironment environment;
    private @Nullable Engine engine;

    /** Called by {@link java.util.ServiceLoader}. */
    public TensorFlowBackend() {}

    /**
     * The loaded libraries.
     *
     * @param library functions
     * @param tensors tensors
     */
    private record Engine(TfLibrary library, TfTensors tensors) {}

    @Override
    public String name() {
        return "tensorflow";
    }

    @Override
    public void open(BackendEnvironment newEnvironment) {
        synchronized (lock) {
            environment = newEnvironment;
        }
    }

    @Override
    public int preferredCpuInstances() {
        return 2;
    }

    @Override
    public ComputeThreads threads(ModelConfig config) {
        return TfSettings.of(config.message(), environment()).threads();
    }

    @Override
    public ModelConfigProto.ModelConfig complete(
            ModelConfigProto.ModelConfig config, ModelFiles files) {
        if (TfModelFile.format(config) == TfModelFile.Format.GRAPH_DEF) {
            return config;
        }
        TfSettings settings = TfSettings.of(config, environment());
        TfModelFile file = TfModelFile.locate(config, files);
        try (TfSession session = openToComplete(config.getName(), file, settings)) {
            return TfCompletion.complete(
                    config,
                    Signatures.ofSavedModel(session, config.getName(), settings),
                    BackendSettings.defaultMaxBatchSize(environment(), name()));
        }
    }

    @Override
    public BackendModel openModel(ModelConfig config, ModelFiles files) {
        TfSettings settings = TfSettings.of(config.message(), environment());
        TfModelFile file = TfModelFile.locate(config.message(), files);
        TfSession session = openSession(config.name(), file, settings);
        boolean complete = false;
        try {
            TfSignature signature =
                    switch (file.format()) {
                        case SAVED_MODEL ->
                                Signatures.ofSavedModel(session, config.name(), settings);
                        case GRAPH_DEF -> Signatures.ofGraphDef(session.graph(), config.message());
                    };
            TfChecks.check(config, signature, file.format());
            TfModel model =
                    new TfModel(
                            config.name(),
                            session,
                            signature,
                            engine().tensors(),
                            environment().allocator());
            complete = true;
            return model;
        } finally {
            if (!complete) {
                session.close();
            }
        }
    }

    /** The libraries stay: their threads, and answers still under way, need them. */
    @Override
    public void close() {
        synchronized (lock) {
            engine = null;
        }
    }

    private @Owned TfSession openToComplete(String model, TfModelFile file, TfSettings settings) {
        try {
            return openSession(model, file, settings);
        } catch (StatusException e) {
            if (e.code() != StatusCode.INTERNAL) {
                throw e;
            }
            throw e.withPrefix(
                    "unable to auto-complete model configuration for '"
                            + model
                            + "', failed to load model: ");
        }
    }

    private @Owned TfSession openSession(String model, TfModelFile file, TfSettings settings) {
        try {
            return TfSession.open(engine().library(), file, settings);
        } catch (StatusException e) {
            if (!e.text().contains(NO_SUCH_TAG)) {
                throw e;
            }
            throw new StatusException(
                    StatusCode.INVALID_ARG,
                    "unable to load model '" + model + "', expected '" + settings.tag() + "' tag",
                    e);
        }
    }

    private BackendEnvironment environment() {
        synchronized (lock) {
            if (environment == null) {
                throw new IllegalStateException("backend tensorflow was not opened");
            }
            return environment;
        }
    }

    private Engine engine() {
        synchronized (lock) {
            if (engine == null) {
                BackendEnvironment settings = environment();
                TfLibrary library =
                        PlatformThreads.call(
                                "nereid-tensorflow-start",
                                () -> TfLibrary.load(settings.nativeDirectory()));
                engine = new Engine(library, new TfTensors(library, settings.allocator()));
                log.info("tensorflow loaded from {}", settings.nativeDirectory());
            }
            return engine;
        }
    }
}
