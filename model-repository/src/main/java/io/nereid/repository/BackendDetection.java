package io.nereid.repository;

import io.nereid.protocol.Advice;
import io.nereid.protocol.InvalidConfigException;
import io.nereid.protocol.proto.ModelConfigProto;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Fills {@code name}, {@code backend}, {@code platform} and {@code default_model_filename} of a
 * configuration from what it says and from the files beside it (model-config section 12). The rules
 * are odd in places; existing repositories rely on them as they are.
 */
final class BackendDetection {
    private static final String TENSORFLOW = "tensorflow";
    private static final String SAVED_MODEL = "tensorflow_savedmodel";
    private static final String GRAPH_DEF = "tensorflow_graphdef";
    private static final String SAVED_MODEL_FILE = "model.savedmodel";
    private static final String GRAPH_DEF_FILE = "model.graphdef";
    private static final String PYTORCH = "pytorch";
    private static final String TORCH_SCRIPT = "pytorch_libtorch";
    private static final String TORCH_AOTI = "torch_aoti";

    /** Rules 2, 3, 4 and 6: engines with one file name and at most one platform, in order. */
    private enum Engine {
        TENSORRT("tensorrt", "tensorrt_plan", "model.plan"),
        ONNXRUNTIME("onnxruntime", "onnxruntime_onnx", "model.onnx"),
        OPENVINO("openvino", "", "model.xml"),
        PYTHON("python", "", "model.py");

        private final String backend;
        private final String platform;
        private final String file;

        Engine(String backend, String platform, String file) {
            this.backend = backend;
            this.platform = platform;
            this.file = file;
        }
    }

    private final ModelConfigProto.ModelConfig.Builder config;
    private final Optional<Path> version;

    private BackendDetection(ModelConfigProto.ModelConfig.Builder config, Optional<Path> version) {
        this.config = config;
        this.version = version;
    }

    /**
     * Completes a configuration.
     *
     * @param name name of the model, for a configuration that gives none
     * @param version the version directory to inspect, if the model has any
     * @throws InvalidConfigException if nothing tells the backend
     */
    static ModelConfigProto.ModelConfig complete(
            ModelConfigProto.ModelConfig config, String name, Optional<Path> version) {
        ModelConfigProto.ModelConfig.Builder builder = config.toBuilder();
        if (config.getName().isEmpty()) {
            builder.setName(name);
        }
        new BackendDetection(builder, version).complete(name);
        return builder.build();
    }

    private void complete(String name) {
        if (tensorFlow()
                || engine(Engine.TENSORRT)
                || engine(Engine.ONNXRUNTIME)
                || engine(Engine.OPENVINO)
                || pyTorch()
                || engine(Engine.PYTHON)) {
            return;
        }
        if (saysNothing()) {
            custom(name);
        }
    }

    private boolean tensorFlow() {
        boolean open = config.getBackend().isEmpty() || config.getBackend().equals(TENSORFLOW);
        if (config.getPlatform().isEmpty() && open) {
            tensorFlowPlatform().ifPresent(config::setPlatform);
        }
        boolean saved = config.getPlatform().equals(SAVED_MODEL);
        if (!saved && !config.getPlatform().equals(GRAPH_DEF)) {
            return false;
        }
        fill(TENSORFLOW, saved ? SAVED_MODEL_FILE : GRAPH_DEF_FILE);
        return true;
    }

    /** Two formats side by side: the graph wins. */
    private Optional<String> tensorFlowPlatform() {
        String file = config.getDefaultModelFilename();
        boolean look = file.isEmpty() && version.isPresent();
        if (file.equals(GRAPH_DEF_FILE) || (look && isPlainFile(GRAPH_DEF_FILE))) {
            return Optional.of(GRAPH_DEF);
        }
        if (file.equals(SAVED_MODEL_FILE) || (look && isDirectory(SAVED_MODEL_FILE))) {
            return Optional.of(SAVED_MODEL);
        }
        return Optional.empty();
    }

    private boolean engine(Engine engine) {
        if (config.getBackend().isEmpty()) {
            boolean told =
                    config.getDefaultModelFilename().equals(engine.file)
                            || (!engine.platform.isEmpty()
                                    && config.getPlatform().equals(engine.platform));
            boolean found = engine == Engine.TENSORRT ? isPlainFile(engine.file) : has(engine.file);
            if (told || (saysNothing() && found)) {
                config.setBackend(engine.backend);
            }
        }
        if (!config.getBackend().equals(engine.backend)) {
            return false;
        }
        if (config.getPlatform().isEmpty()) {
            config.setPlatform(engine.platform);
        }
        fill(engine.backend, engine.file);
        return true;
    }

    private boolean pyTorch() {
        if (config.getBackend().isEmpty()) {
            return pyTorchFromHints();
        }
        if (!config.getBackend().equals(PYTORCH)) {
            return false;
        }
        if (config.getPlatform().isEmpty()) {
            config.setPlatform(TORCH_SCRIPT);
        }
        if (config.getPlatform().equals(TORCH_AOTI)) {
            fill(PYTORCH, "model.pt2");
        } else {
            fill(PYTORCH, "model.pt");
        }
        return true;
    }

    /** A file found here sets the platform and leaves the file name open. */
    private boolean pyTorchFromHints() {
        String platform = config.getPlatform();
        String file = config.getDefaultModelFilename();
        boolean look = saysNothing();
        if (platform.equals(TORCH_AOTI)) {
            fill(PYTORCH, "model.pt2");
        } else if (platform.equals(TORCH_SCRIPT) || platform.equals("libtorch")) {
            fill(PYTORCH, "model.pt");
        } else if (file.equals("model.pt") || (look && has("model.pt"))) {
            config.setBackend(PYTORCH).setPlatform(orElse(platform, TORCH_SCRIPT));
        } else if (file.equals("model.pt2") || (look && has("model.pt2"))) {
            config.setBackend(PYTORCH).setPlatform(orElse(platform, TORCH_AOTI));
        } else {
            return false;
        }
        return true;
    }

    private static String orElse(String value, String otherwise) {
        return value.isEmpty() ? otherwise : value;
    }

    private void custom(String name) {
        int dot = name.indexOf('.');
        if (dot < 0) {
            throw new InvalidConfigException(
                    "",
                    "Invalid model name: Could not determine backend for model '"
                            + name
                            + "' with no backend in model configuration. Expected model name of the"
                            + " form 'model.<backend_name>'.",
                    advice());
        }
        String backend = name.substring(dot + 1);
        fill(backend, "model." + backend);
    }

    private Advice advice() {
        if (config.hasEnsembleScheduling()) {
            return new Advice(
                    "platform \"ensemble\" beside ensemble_scheduling",
                    "neither platform nor backend",
                    "add platform: \"ensemble\"");
        }
        return new Advice(
                "backend in the configuration, or a file such as model.onnx in the version"
                        + " directory",
                version.map(directory -> "neither, looked at directory " + directory.getFileName())
                        .orElse("neither, and no version directory"),
                version.isEmpty()
                        ? "put the model file into a directory 1 in the model's directory"
                        : "name the model file as its engine expects (model.onnx,"
                                + " model.savedmodel, model.graphdef), or write"
                                + " backend: \"...\" and default_model_filename");
    }

    private void fill(String backend, String file) {
        if (config.getBackend().isEmpty()) {
            config.setBackend(backend);
        }
        if (config.getDefaultModelFilename().isEmpty()) {
            config.setDefaultModelFilename(file);
        }
    }

    private boolean saysNothing() {
        return config.getBackend().isEmpty()
                && config.getPlatform().isEmpty()
                && config.getDefaultModelFilename().isEmpty();
    }

    private boolean has(String file) {
        return version.map(directory -> Files.exists(directory.resolve(file))).orElse(false);
    }

    private boolean isPlainFile(String file) {
        return has(file) && !isDirectory(file);
    }

    private boolean isDirectory(String file) {
        return version.map(directory -> Files.isDirectory(directory.resolve(file))).orElse(false);
    }
}
