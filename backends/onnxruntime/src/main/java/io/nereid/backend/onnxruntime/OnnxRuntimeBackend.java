package io.nereid.backend.onnxruntime;

import io.nereid.backend.Backend;
import io.nereid.backend.BackendEnvironment;
import io.nereid.backend.BackendModel;
import io.nereid.backend.ComputeThreads;
import io.nereid.backend.ModelFiles;
import io.nereid.backend.foreign.BackendSettings;
import io.nereid.backend.foreign.PlatformThreads;
import io.nereid.protocol.ModelConfig;
import io.nereid.protocol.proto.ModelConfigProto;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * ONNX models on ONNX Runtime. The library is loaded with the first model. Settings and parameters
 * are those of model-config section 13.2.
 */
public final class OnnxRuntimeBackend implements Backend {
    private static final Logger log = LoggerFactory.getLogger(OnnxRuntimeBackend.class);

    private final Object lock = new Object();
    private @Nullable BackendEnvironment environment;
    private @Nullable OrtEngine engine;

    /** Called by {@link java.util.ServiceLoader}. */
    public OnnxRuntimeBackend() {}

    @Override
    public String name() {
        return "onnxruntime";
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
        return SessionSettings.of(config.message(), environment())
                .threads(GlobalThreads.of(environment()));
    }

    @Override
    public ModelConfigProto.ModelConfig complete(
            ModelConfigProto.ModelConfig config, ModelFiles files) {
        if (Completion.isNeedless(config)) {
            log.info(
                    "skipping model configuration auto-complete for '{}': inputs and outputs"
                            + " already specified",
                    config.getName());
            return config;
        }
        int batchSize = BackendSettings.defaultMaxBatchSize(environment(), name());
        try (OrtSession session =
                OrtSession.open(
                        engine(),
                        ModelFile.locate(config, files),
                        SessionSettings.of(config, environment()))) {
            return Completion.complete(config, session.signature(), batchSize);
        }
    }

    @Override
    public BackendModel openModel(ModelConfig config, ModelFiles files) {
        OrtEngine started = engine();
        Path graph = ModelFile.locate(config.message(), files);
        SessionSettings settings = SessionSettings.of(config.message(), environment());
        OrtSession session = OrtSession.open(started, graph, settings);
        boolean complete = false;
        try {
            ConfigChecks.check(config, session.signature());
            boolean predictable = !settings.parallel() && GraphOperators.costBySizeAlone(graph);
            OrtModel model =
                    new OrtModel(
                            config,
                            session,
                            environment().allocator(),
                            settings.arenaShrinkage(),
                            predictable);
            complete = true;
            return model;
        } finally {
            if (!complete) {
                session.close();
            }
        }
    }

    @Override
    public void close() {
        synchronized (lock) {
            if (engine != null) {
                engine.close();
                engine = null;
            }
        }
    }

    private BackendEnvironment environment() {
        synchronized (lock) {
            if (environment == null) {
                throw new IllegalStateException("backend onnxruntime was not opened");
            }
            return environment;
        }
    }

    private OrtEngine engine() {
        synchronized (lock) {
            if (engine == null) {
                BackendEnvironment settings = environment();
                engine =
                        PlatformThreads.call(
                                "nereid-onnxruntime-start",
                                () ->
                                        OrtEngine.start(
                                                settings.nativeDirectory(),
                                                GlobalThreads.of(settings)));
                log.info("onnxruntime loaded from {}", settings.nativeDirectory());
            }
            return engine;
        }
    }
}
