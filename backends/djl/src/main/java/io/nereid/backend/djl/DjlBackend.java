package io.nereid.backend.djl;

import io.nereid.backend.Backend;
import io.nereid.backend.BackendEnvironment;
import io.nereid.backend.BackendModel;
import io.nereid.backend.ComputeThreads;
import io.nereid.backend.Device;
import io.nereid.backend.ModelFiles;
import io.nereid.protocol.ModelConfig;
import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.proto.ModelConfigProto;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.OptionalInt;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Models on DJL's engines. The parameter {@code engine} of a configuration names the engine; a
 * configuration written for {@code onnxruntime} or {@code tensorflow} is served by DJL's engine of
 * that kind. The engines' jars and natives lie in the sub-folder {@code engines} of the backend's
 * directory, TensorFlow's natives in the directory of the TensorFlow backend beside it, or where
 * the setting {@code tensorflow-library-path} says.
 */
public final class DjlBackend implements Backend {
    private static final String TENSORFLOW_LIBRARIES = "tensorflow-library-path";

    private @Nullable BackendEnvironment environment;
    private @Nullable EngineLoader engines;

    @Override
    public String name() {
        return "djl";
    }

    @Override
    public void open(BackendEnvironment newEnvironment) {
        Path directory = newEnvironment.directory().toAbsolutePath().normalize();
        String tensorflow = newEnvironment.settings().getOrDefault(TENSORFLOW_LIBRARIES, "");
        Path tensorflowNatives =
                tensorflow.isEmpty()
                        ? directory.resolveSibling("tensorflow").resolve("native")
                        : Path.of(tensorflow).toAbsolutePath().normalize();
        environment = newEnvironment;
        engines =
                new EngineLoader(
                        directory.resolve("engines"),
                        new EngineSettings(tensorflowNatives, newEnvironment.cores()));
    }

    @Override
    public ComputeThreads threads(ModelConfig config) {
        ModelConfigProto.ModelConfig message = config.message();
        EngineProfile profile = EngineChoice.profile(message);
        if (profile.equals(EngineProfile.ONNX_RUNTIME)) {
            String setting = "intra_op_thread_count";
            return new ComputeThreads(
                    number(message, setting).orElse(threads(message)), false, setting);
        }
        if (profile.equals(EngineProfile.TENSORFLOW)) {
            String setting = "TF_NUM_INTRA_THREADS";
            OptionalInt intra = number(message, setting);
            OptionalInt inter = number(message, "TF_NUM_INTER_THREADS");
            return intra.isEmpty() && inter.isEmpty()
                    ? new ComputeThreads(environment().cores(), true, setting)
                    : new ComputeThreads(
                            Math.max(
                                    intra.orElse(threads(message)), inter.orElse(threads(message))),
                            false,
                            setting);
        }
        return ComputeThreads.OWN;
    }

    /** A positive number among the parameters. */
    private static OptionalInt number(ModelConfigProto.ModelConfig config, String key) {
        String text = EngineChoice.parameter(config, key).strip();
        return text.matches("[1-9]\\d{0,8}")
                ? OptionalInt.of(Integer.parseInt(text))
                : OptionalInt.empty();
    }

    @Override
    public ModelConfigProto.ModelConfig complete(
            ModelConfigProto.ModelConfig config, ModelFiles files) {
        EngineProfile profile = EngineChoice.profile(config);
        if (!ConfigCompletion.isNeeded(config, profile)) {
            return config;
        }
        DjlEngine engine = engines().engine(config.getName(), profile);
        return engine.describe(request(config, files, profile, Device.CPU))
                .map(signature -> completed(config, profile, signature))
                .orElse(config);
    }

    private ModelConfigProto.ModelConfig completed(
            ModelConfigProto.ModelConfig config, EngineProfile profile, ModelSignature signature) {
        ConfigCompletion completion =
                new ConfigCompletion(
                        config, signature, ConfigCompletion.batchSize(environment().settings()));
        return profile.equals(EngineProfile.ONNX_RUNTIME)
                ? completion.asOnnx()
                : completion.asSavedModel();
    }

    @Override
    public BackendModel openModel(ModelConfig config, ModelFiles files) {
        EngineProfile profile = EngineChoice.profile(config.message());
        ConfigCheck check = new ConfigCheck(config);
        check.requireCarried(profile);
        DjlEngine engine = engines().engine(config.name(), profile);
        LoadRequest request = request(config.message(), files, profile, Device.CPU);
        engine.describe(request).ifPresent(check::requireMatches);
        return DjlBackendModel.open(config, engine, request, environment().allocator());
    }

    /** Engines live as long as the process; models are closed already. */
    @Override
    public void close() {}

    private LoadRequest request(
            ModelConfigProto.ModelConfig config,
            ModelFiles files,
            EngineProfile profile,
            Device device) {
        Path file = files.modelFile(EngineChoice.filename(config, profile));
        if (profile.equals(EngineProfile.ONNX_RUNTIME) && Files.isDirectory(file)) {
            file = file.resolve(profile.defaultFile());
        }
        requireFile(config, profile, file);
        Map<String, String> parameters =
                config.getParametersMap().entrySet().stream()
                        .collect(
                                Collectors.toUnmodifiableMap(
                                        Map.Entry::getKey, e -> e.getValue().getStringValue()));
        return new LoadRequest(config.getName(), file, device, threads(config), parameters);
    }

    private static void requireFile(
            ModelConfigProto.ModelConfig config, EngineProfile profile, Path file) {
        boolean graphDef =
                profile.equals(EngineProfile.TENSORFLOW)
                        && (config.getPlatform().equals("tensorflow_graphdef")
                                || Files.isRegularFile(file));
        if (graphDef) {
            throw new StatusException(
                    StatusCode.UNSUPPORTED,
                    "unable to load model '"
                            + config.getName()
                            + "', DJL's engine TensorFlow reads SavedModel directories only, not a"
                            + " frozen GraphDef; the backend 'tensorflow' without engine=djl does");
        }
        if (!Files.exists(file)) {
            throw new StatusException(
                    StatusCode.UNAVAILABLE,
                    "unable to find '" + file + "' for model instance '" + config.getName() + "'");
        }
    }

    /** The cores, shared out among the instances on a CPU. */
    private int threads(ModelConfigProto.ModelConfig config) {
        int instances =
                config.getInstanceGroupList().stream()
                        .filter(group ->
                                group.getKind()
                                        != ModelConfigProto.ModelInstanceGroup.Kind.KIND_GPU)
                        .mapToInt(group -> Math.max(1, group.getCount()))
                        .sum();
        return Math.max(1, environment().cores() / Math.max(1, instances));
    }

    private BackendEnvironment environment() {
        if (environment == null) {
            throw new IllegalStateException("backend 'djl' is used before it is opened");
        }
        return environment;
    }

    private EngineLoader engines() {
        if (engines == null) {
            throw new IllegalStateException("backend 'djl' is used before it is opened");
        }
        return engines;
    }
}
