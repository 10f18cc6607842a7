package io.nereid.backend.dali;

import io.nereid.backend.Backend;
import io.nereid.backend.BackendEnvironment;
import io.nereid.backend.BackendModel;
import io.nereid.backend.ModelFiles;
import io.nereid.backend.dali.image.ImageDecoder;
import io.nereid.backend.dali.pipeline.OperatorRegistry;
import io.nereid.backend.dali.pipeline.PipelineReader;
import io.nereid.protocol.ModelConfig;
import io.nereid.protocol.proto.ModelConfigProto;
import java.util.Map;
import java.util.Optional;
import javax.imageio.ImageIO;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The engine {@code dali}: serialized DALI pipelines on the CPU (DALI section 4). */
public final class DaliBackend implements Backend {
    private static final Logger log = LoggerFactory.getLogger(DaliBackend.class);

    private record Engine(BackendEnvironment environment, WorkerPool pool, PipelineReader reader) {}

    private final Map<String, String> processEnvironment;
    private Optional<Engine> engine = Optional.empty();

    /** For {@link java.util.ServiceLoader}. */
    public DaliBackend() {
        this(System.getenv());
    }

    DaliBackend(Map<String, String> processEnvironment) {
        this.processEnvironment = processEnvironment;
    }

    @Override
    public String name() {
        return "dali";
    }

    @Override
    public void open(BackendEnvironment environment) {
        DaliSettings settings = DaliSettings.of(environment.settings(), processEnvironment);
        if (environment.settings().containsKey("plugin_libs")) {
            log.warn(
                    "dali: native operator plug-ins (plugin_libs) cannot be loaded and are ignored");
        }
        ImageIO.setUseCache(false);
        ImageDecoder decoder = new ImageDecoder(settings.limits(), System::nanoTime);
        engine =
                Optional.of(
                        new Engine(
                                environment,
                                new WorkerPool(environment.cores()),
                                new PipelineReader(new OperatorRegistry(decoder))));
    }

    @Override
    public ModelConfigProto.ModelConfig complete(
            ModelConfigProto.ModelConfig config, ModelFiles files) {
        return ConfigCompletion.complete(
                config, files, PipelineFile.read(config, files, engine().reader()));
    }

    @Override
    public BackendModel openModel(ModelConfig config, ModelFiles files) {
        Engine open = engine();
        return new DaliModel(
                config,
                PipelineFile.read(config.message(), files, open.reader()),
                open.environment(),
                open.pool());
    }

    /** Pipelines that name a GPU run on the CPU, so a GPU instance is as good as a CPU instance. */
    @Override
    public boolean acceptsAnyDevice() {
        return true;
    }

    @Override
    public void close() {
        engine.ifPresent(open -> open.pool().close());
        engine = Optional.empty();
    }

    private Engine engine() {
        return engine.orElseThrow(() -> new IllegalStateException("the backend is not open"));
    }
}
