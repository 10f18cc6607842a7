package io.nereid.backend.djl;

import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What engines are told through system properties, since DJL reads nothing else: where their
 * natives lie, how many threads the process may use, and that nothing is downloaded, reported or
 * unpacked.
 *
 * @param tensorflowNatives folder with TensorFlow's three libraries
 * @param cores cores that the whole process may use
 */
record EngineSettings(Path tensorflowNatives, int cores) {
    /** TensorFlow's binding; DJL looks for it and takes the libraries beside it. */
    private static final String TENSORFLOW_BINDING = System.mapLibraryName("jnitensorflow");

    /**
     * Sets the properties. Those that concern an engine are read once, when it starts.
     *
     * @param engine the engine's folder
     * @param common folder of what all engines share
     */
    void apply(Path engine, Path common) {
        System.setProperty("ai.djl.offline", "true");
        System.setProperty("OPT_OUT_TRACKING", "true");
        System.setProperty("org.bytedeco.javacpp.logger", "slf4j");
        System.setProperty("jna.boot.library.path", common.resolve("native").toString());
        if (engine.endsWith(EngineProfile.ONNX_RUNTIME.folder())) {
            System.setProperty("onnxruntime.native.path", engine.resolve("native").toString());
            System.setProperty("ai.djl.onnx.disable_alternative", "true");
            // The pool for all sessions stays unused: every session has threads of its own.
            System.setProperty("ai.djl.onnxruntime.num_threads", "1");
            System.setProperty("ai.djl.onnxruntime.num_interop_threads", "1");
        }
        if (engine.endsWith(EngineProfile.TENSORFLOW.folder())) {
            requireTensorflow();
            System.setProperty("TENSORFLOW_LIBRARY_PATH", tensorflowNatives.toString());
            System.setProperty("ai.djl.tensorflow.num_intraop_threads", Integer.toString(cores));
            System.setProperty("ai.djl.tensorflow.num_interop_threads", Integer.toString(cores));
        }
        System.setProperty("ai.djl.xgboost.disable_alternative", "true");
        System.setProperty("ai.djl.lightgbm.disable_alternative", "true");
    }

    /** DJL would try to download what it does not find. */
    private void requireTensorflow() {
        Path binding = tensorflowNatives.resolve(TENSORFLOW_BINDING);
        if (!Files.exists(binding)) {
            throw new IllegalStateException("TensorFlow's library is missing: " + binding);
        }
    }
}
